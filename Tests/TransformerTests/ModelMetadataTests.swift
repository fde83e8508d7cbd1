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

    /// The sentence with which a folder of such a configuration is refused, whose weights are embeddings of so many tokens.
    private func folderRefusal(_ type: String = "llama", tokens: Int = 4, change: [String: Any] = [:]) throws -> String {
        let directory = try TemporaryDirectory()
        var configuration: [String: Any] = [
            "model_type": type, "hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 8,
            "max_position_embeddings": 16,
        ]
        configuration.merge(change) { $1 }
        try JSONSerialization.data(withJSONObject: configuration).write(to: directory.url.appendingPathComponent("config.json"))
        let name = type == "falcon" ? "transformer.word_embeddings.weight" : "model.embed_tokens.weight"
        let tensor = SafetensorsWriter.Tensor(name: name, shape: [tokens, 8], floats: [Float](repeating: 0, count: tokens * 8))
        try SafetensorsWriter.write(tensors: [tensor], to: directory.url.path + "/model.safetensors")
        let folder = try HuggingFaceFolder(path: directory.url.path)
        return "\(try #require(#expect(throws: ModelError.self) { try LanguageModel(source: folder) }))"
    }

    @Test("what is wrong with a folder is told by its own names")
    func folders() throws {
        #expect(try folderRefusal(tokens: 0).contains("'model.embed_tokens.weight'"))
        #expect(try folderRefusal(change: ["num_key_value_heads": 3]).contains("'num_key_value_heads' is 3; expected 1 to 2"))
        #expect(try folderRefusal("falcon", change: ["num_kv_heads": 9, "new_decoder_architecture": true]).contains("'num_kv_heads' is 9"))
        #expect(try folderRefusal(change: ["rope_scaling": ["rope_type": "linear", "factor": -1]]).contains("'factor' is -1"))
        #expect(try folderRefusal(change: ["rms_norm_eps": 7]).contains("'rms_norm_eps' is 7"))
        for (type, key, value) in [
            ("gemma3_text", "query_pre_attn_scalar", 1e13), ("gemma3_text", "query_pre_attn_scalar", 0),
            ("llama", "partial_rotary_factor", 0.9),
        ] as [(String, String, Double)] {
            let error = #expect(throws: ModelFileError.self) { try folderRefusal(type, change: [key: value]) }
            #expect("\(try #require(error))".contains("'\(key)'"))
        }
        #expect(try folderRefusal().contains("there is no tensor 'model.layers.0.input_layernorm.weight'"))
        #expect(try folderRefusal("falcon").contains("'transformer.h.0.input_layernorm.weight' or 'transformer.h.0.ln_mlp.weight'"))
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
