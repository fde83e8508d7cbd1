import Foundation
import ModelFiles
import TestSupport
import Testing
import Transformer

@Suite("What a model's metadata say")
struct ModelMetadataTests {
    /// The sentence with which a file that says such things is refused, before any weight is looked for.
    private func refusal(_ architecture: String, _ change: (inout GGUFBuilder) -> Void) throws -> String {
        let directory = try TemporaryDirectory()
        var builder = GGUFBuilder()
        builder.set("general.architecture", .string(architecture))
        for (key, value) in [
            ("embedding_length", 64), ("attention.head_count", 4), ("block_count", 3), ("feed_forward_length", 128),
            ("context_length", 512),
        ] as [(String, UInt32)] {
            builder.set("\(architecture).\(key)", .uint32(value))
        }
        builder.set("\(architecture).attention.layer_norm_rms_epsilon", .float32(1e-5))
        builder.tensors = [GGUFBuilder.Tensor("token_embd.weight", [64, 8])]
        builder.data = [UInt8](repeating: 0, count: 64 * 8 * 4)
        change(&builder)
        let path = directory.url.path + "/model.gguf"
        try Data(builder.bytes).write(to: URL(fileURLWithPath: path))
        let error = #expect(throws: ModelError.self) { try LanguageModel(source: GGUFFile(path: path)) }
        return "\(try #require(error))"
    }

    @Test("an architecture that is not built in is refused by name, with those that are")
    func unknownArchitecture() throws {
        let text = try refusal("mamba") { _ in }
        #expect(text.contains("architecture 'mamba' is not supported"))
        for name in ["llama", "falcon", "qwen2", "qwen3", "gemma3", "phi3"] { #expect(text.contains(name)) }
    }

    @Test("a folder without embeddings for any token is refused")
    func emptyEmbeddings() throws {
        let directory = try TemporaryDirectory()
        let configuration: [String: Any] = [
            "model_type": "llama", "hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 8,
            "max_position_embeddings": 16,
        ]
        try JSONSerialization.data(withJSONObject: configuration).write(to: directory.url.appendingPathComponent("config.json"))
        let tensor = SafetensorsWriter.Tensor(name: "model.embed_tokens.weight", shape: [0, 8], floats: [])
        try SafetensorsWriter.write(tensors: [tensor], to: directory.url.path + "/model.safetensors")
        let folder = try HuggingFaceFolder(path: directory.url.path)
        let error = #expect(throws: ModelError.self) { try LanguageModel(source: folder) }
        #expect("\(try #require(error))".contains("token_embd.weight"))
    }

    @Test("scalings of positions that are not known, and lists of layers that do not fit, are refused by key")
    func badKeys() throws {
        #expect(
            try refusal("llama") { $0.set("llama.rope.scaling.type", .string("spiral")) }.contains("'llama.rope.scaling.type' is 'spiral'")
        )
        #expect(try refusal("qwen2") { $0.set("qwen2.attention.head_count_kv", .uint32(3)) }.contains("a divisor of the 4 heads"))
        #expect(
            try refusal("gemma3") { builder in
                builder.set("gemma3.attention.sliding_window", .uint32(16))
                builder.set("gemma3.attention.sliding_window_pattern", .int32s([1, 1, 0]))
            }.contains("gemma3.attention.sliding_window_pattern")
        )
    }

    @Test("weights that are missing are named")
    func missingWeights() throws {
        #expect(try refusal("qwen3") { _ in }.contains("blk.0.attn_norm.weight"))
        #expect(try refusal("falcon") { _ in }.contains("blk.0.attn_norm.weight"))
    }
}
