import ModelFiles

/// Changes what a value function's file says of it.
public enum HeadFile {
    /// Writes the file anew, whole or not at all, with metadata added or replaced; its tensors stay as they are.
    ///
    /// - Throws: `ModelFileError`
    public static func update(_ path: String, metadata: [String: String]) throws(ModelFileError) {
        let file = try SafetensorsFile(path: path)
        var tensors: [SafetensorsWriter.Tensor] = []
        for tensor in file.tensors.values {
            let bytes = try file.withBytes(of: tensor.name) { Array($0) }
            tensors.append(.init(name: tensor.name, type: tensor.type, shape: tensor.shape, bytes: bytes))
        }
        try SafetensorsWriter.write(tensors: tensors, metadata: file.metadata.merging(metadata) { $1 }, to: path)
    }
}
