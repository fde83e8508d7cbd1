import ModelFiles

/// Safetensors files: read from memory and mapped they are the same, every tensor can be read, and the same tensors, written again, are the same.
struct SafetensorsFuzz: FuzzTarget {
    private let folder: ScratchFolder

    init() throws {
        folder = try ScratchFolder()
    }

    func run(_ input: [UInt8]) {
        let memory = try? SafetensorsFile(bytes: input)
        let mapped = try? SafetensorsFile(path: folder.write(input, to: "a.safetensors"))
        Oracle.expect((memory == nil) == (mapped == nil), "a file is accepted mapped where it is in memory")
        guard let memory, let mapped else { return }
        Oracle.expect(memory.metadata == mapped.metadata && memory.tensors.keys == mapped.tensors.keys, "both ways tell the same")
        var tensors: [SafetensorsWriter.Tensor] = []
        for (name, tensor) in memory.tensors {
            let count = tensor.shape.reduce(1) { $0 &* $1 }
            let floats = Oracle.succeed("a tensor can be read") { try memory.floats(name) }
            Oracle.expect(floats.count == count, "a tensor has as many numbers as its shape says")
            let others = Oracle.succeed("a mapped tensor can be read") { try mapped.floats(name) }
            Oracle.expect(floats.map(\.bitPattern) == others.map(\.bitPattern), "both ways give the same numbers")
            let bytes = Oracle.succeed("a tensor's bytes can be read") { try memory.withBytes(of: name) { Array($0) } }
            tensors.append(.init(name: name, type: tensor.type, shape: tensor.shape, bytes: bytes))
        }
        let written = Oracle.succeed("what was read can be written") {
            try SafetensorsWriter.encode(tensors: tensors, metadata: memory.metadata)
        }
        let again = Oracle.succeed("what was written can be read") { try SafetensorsFile(bytes: written) }
        Oracle.expect(again.metadata == memory.metadata, "the metadata, written again, are the same")
        for tensor in tensors {
            let bytes = Oracle.succeed("a tensor, written again, is there") { try again.withBytes(of: tensor.name) { Array($0) } }
            Oracle.expect(
                bytes == tensor.bytes && again.tensors[tensor.name]?.shape == tensor.shape,
                "a tensor, written again, is the same"
            )
        }
    }
}
