import Foundation
import ModelFiles
import TestSupport
import Testing

/// The golden models exist in both formats; their tensors must agree.
@Suite("Golden model files", .enabled(if: GoldenFiles.url("models/falcon/model.gguf") != nil, "needs ../shared/golden/models"))
struct GoldenFileTests {
    static let models = ["falcon", "gemma3", "llama3", "mistral", "phi3", "qwen2", "qwen3"]

    private func open(_ model: String) throws -> (GGUFFile, SafetensorsFile) {
        (
            try GGUFFile(path: try #require(GoldenFiles.url("models/\(model)/model.gguf")).path),
            try SafetensorsFile(path: try #require(GoldenFiles.url("models/\(model)/model.safetensors")).path)
        )
    }

    @Test("every tensor of a model is the same in GGUF and in safetensors, as the conversion has it", arguments: models)
    func agree(model: String) throws {
        let (gguf, safetensors) = try open(model)
        var unseen = Set(safetensors.tensors.keys)
        // llama3's frequencies are computed by the conversion.
        for tensor in gguf.tensors.values where tensor.name != "rope_freqs.weight" {
            let name = try #require(GoldenTensorName(gguf: tensor.name, model: model)).safetensors
            #expect(unseen.remove(name) != nil, "\(tensor.name) is \(name)")
            let original = try safetensors.tensor(name)
            #expect(tensor.type == .f32 && original.type == .f32 && tensor.shape == original.shape, "\(tensor.name)")
            let values = floats(gguf.storage(of: tensor).bytes)
            var expected = try safetensors.floats(name)
            if model == "gemma3", name.hasSuffix("norm.weight") { expected = expected.map { $0 + 1 } }
            if ["llama3", "mistral"].contains(model), tensor.name.hasSuffix("attn_q.weight") || tensor.name.hasSuffix("attn_k.weight") {
                let heads = try gguf.integer(
                    tensor.name.hasSuffix("q.weight") ? "llama.attention.head_count" : "llama.attention.head_count_kv"
                )
                expected = interleaved(expected, rows: tensor.shape[0], heads: try #require(heads))
            }
            #expect(values == expected, "\(tensor.name)")
        }
        #expect(unseen.isEmpty)
    }

    @Test("writing a model's tensors again gives the file that the format's own library wrote, byte for byte", arguments: models)
    func rewrite(model: String) throws {
        let url = try #require(GoldenFiles.url("models/\(model)/model.safetensors"))
        let file = try SafetensorsFile(path: url.path)
        let tensors = try file.tensors.values.map { tensor in
            let bytes = try file.withBytes(of: tensor.name) { Array($0) }
            return SafetensorsWriter.Tensor(name: tensor.name, type: tensor.type, shape: tensor.shape, bytes: bytes)
        }
        #expect(try SafetensorsWriter.encode(tensors: tensors, metadata: file.metadata) == Array(Data(contentsOf: url)))
    }

    @Test("the default model reads whole", .enabled(if: GoldenFiles.model != nil, "needs the default model: make model"))
    func defaultModel() throws {
        let file = try GGUFFile(path: try #require(GoldenFiles.model).path)
        #expect(try file.string("general.architecture") == "llama")
        #expect(try file.strings("tokenizer.ggml.tokens")?.count == 49152 && file.tensors.count == 272)
        #expect(try file.integers("tokenizer.ggml.token_type")?.count == 49152)
        for key in file.keys { #expect(try file.value(key) != nil) }
    }

    private func floats(_ bytes: UnsafeRawBufferPointer) -> [Float] {
        (0..<bytes.count / 4).map { Float(bitPattern: bytes.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)) }
    }

    /// The conversion of Llama models lays the two halves of every head's rows, which rotate together, row by row beside each other.
    private func interleaved(_ values: [Float], rows: Int, heads: Int) -> [Float] {
        let (columns, size) = (values.count / rows, rows / heads)
        return (0..<rows).flatMap { row in
            let (head, place) = (row / size, row % size)
            let source = head * size + (place % 2) * (size / 2) + place / 2
            return values[source * columns..<(source + 1) * columns]
        }
    }
}
