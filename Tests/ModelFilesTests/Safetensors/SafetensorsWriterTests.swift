import Foundation
import ModelFiles
import TestSupport
import Testing

@Suite("Writing safetensors")
struct SafetensorsWriterTests {
    private let tensors = [
        SafetensorsWriter.Tensor(name: "odd", type: .uint8, shape: [3], bytes: [1, 2, 3]),
        SafetensorsWriter.Tensor(name: "b", shape: [2, 3], floats: [1, 2, 3, 4, 5, 6]),
        SafetensorsWriter.Tensor(name: "a\"é\n", type: .int64, shape: [1], bytes: [7, 0, 0, 0, 0, 0, 0, 0]),
        SafetensorsWriter.Tensor(name: "empty", shape: [0, 4], floats: []),
        SafetensorsWriter.Tensor(name: "scalar", shape: [], floats: [9]),
    ]
    private let metadata = ["key": "va\"lue\\", "ü": "\u{1}\u{1f}", "tab": "\t"]

    @Test("what is written reads back, from memory and from disk, with its metadata")
    func roundTrip() throws {
        let bytes = try SafetensorsWriter.encode(tensors: tensors, metadata: metadata)
        let folder = try TemporaryDirectory()
        let path = folder.url.appendingPathComponent("x.safetensors").path
        try SafetensorsWriter.write(tensors: [], to: path)
        #expect(try SafetensorsFile(path: path).tensors.isEmpty)
        try SafetensorsWriter.write(tensors: tensors, metadata: metadata, to: path)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["x.safetensors"])
        for file in [try SafetensorsFile(bytes: bytes), try SafetensorsFile(path: path)] {
            #expect(file.metadata == metadata && file.tensors.count == 5)
            #expect(try file.floats("b") == [1, 2, 3, 4, 5, 6] && file.tensor("b").shape == [2, 3])
            #expect(try file.floats("a\"é\n") == [7] && file.floats("empty") == [] && file.floats("scalar") == [9])
            #expect(try file.floats("odd") == [1, 2, 3] && file.withBytes(of: "b") { $0.count } == 24)
            #expect(throws: ModelFileError.missingTensor("c")) { try file.floats("c") }
        }
    }

    @Test("the same content gives the same bytes in any order, and every tensor is aligned to its elements")
    func deterministic() throws {
        let bytes = try SafetensorsWriter.encode(tensors: tensors, metadata: metadata)
        #expect(bytes == (try SafetensorsWriter.encode(tensors: tensors.reversed(), metadata: metadata)))
        for tensor in try SafetensorsFile(bytes: bytes).tensors.values {
            #expect(tensor.bytes.lowerBound % tensor.type.byteCount == 0, "\(tensor.name)")
        }
    }

    @Test("tensors that could not be read back are refused by name")
    func refusals() {
        func refusal(_ tensors: [SafetensorsWriter.Tensor]) -> String {
            do throws(ModelFileError) {
                _ = try SafetensorsWriter.encode(tensors: tensors)
                return "no error"
            } catch {
                return "\(error)"
            }
        }
        #expect(refusal([.init(name: "a", shape: [2], floats: [1])]).contains("'a' has 4 bytes, which do not fit shape [2]"))
        #expect(refusal([.init(name: "a", shape: [-1, -1], floats: [1])]).contains("'a' has 4 bytes"))
        #expect(refusal([.init(name: "a", shape: [.max, 2], floats: [1])]).contains("'a' has 4 bytes"))
        #expect(refusal([.init(name: "a", shape: [Int](repeating: 1, count: 9), floats: [1])]).contains("'a' has 4 bytes"))
        #expect(
            refusal([.init(name: "a", shape: [1], floats: [1]), .init(name: "a", shape: [1], floats: [1])]).contains("'a' appears twice")
        )
        #expect(refusal([.init(name: "__metadata__", shape: [1], floats: [1])]).contains("'__metadata__' appears twice"))
        #expect(refusal([.init(name: String(repeating: "a", count: 17 << 20), shape: [1], floats: [1])]).contains("the header's length"))
    }
}
