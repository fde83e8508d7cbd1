import ModelFiles

extension ValueFunction {
    /// Takes a value function from a PyTorch checkpoint, such as RE-Control's code saves: the tensors `fc1.weight` and so on, wherever they are in it
    /// (under `module.`, or in a dictionary with other things).
    ///
    /// - Parameters:
    ///   - checkpoint: the checkpoint.
    ///   - metadata: what to say about it.
    /// - Throws: ``ValueFunctionError``: as of ``init(file:)``, and where the checkpoint has no value function or several.
    public init(checkpoint: PyTorchCheckpoint, metadata: [String: String] = [:]) throws(ValueFunctionError) {
        let first = "fc1.weight"
        let found = checkpoint.tensors.keys.filter { $0 == first || $0.hasSuffix(".\(first)") }.sorted()
        guard let name = found.first else { throw .missingTensor(first) }
        guard found.count == 1 else { throw .severalValueFunctions(found) }
        let prefix = name.dropLast(first.count)
        let tensors = checkpoint.tensors.filter { $0.key.hasPrefix(prefix) }.map { key, tensor in
            SafetensorsWriter.Tensor(name: String(key.dropFirst(prefix.count)), shape: tensor.shape, floats: tensor.values)
        }
        let file: SafetensorsFile
        do throws(ModelFileError) {
            file = try SafetensorsFile(bytes: try SafetensorsWriter.encode(tensors: tensors, metadata: metadata))
        } catch {
            throw .file(error)
        }
        try self.init(file: file)
    }
}
