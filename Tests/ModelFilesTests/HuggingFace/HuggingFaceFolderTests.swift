import Foundation
import ModelFiles
import TestSupport
import Testing

@Suite("Hugging Face folders")
struct HuggingFaceFolderTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    /// A small Llama's configuration.
    private static var llama: [String: Any] {
        [
            "model_type": "llama", "hidden_size": 8, "num_hidden_layers": 2, "num_attention_heads": 2, "num_key_value_heads": 1,
            "intermediate_size": 16, "max_position_embeddings": 64, "rms_norm_eps": 1e-5, "rope_theta": 500_000,
        ]
    }

    /// Writes a folder and opens it.
    private func open(
        _ configuration: [String: Any] = llama,
        change: [String: Any] = [:],
        tensors: [String: [Float]] = ["model.embed_tokens.weight": [1, 2]],
        write: (URL, [SafetensorsWriter.Tensor]) throws -> Void = { folder, tensors in
            try SafetensorsWriter.write(tensors: tensors, to: folder.appendingPathComponent("model.safetensors").path)
        }
    ) throws -> HuggingFaceFolder {
        let folder = directory.url.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let json = configuration.merging(change) { $1 }
        try JSONSerialization.data(withJSONObject: json).write(to: folder.appendingPathComponent("config.json"))
        try write(folder, tensors.map { SafetensorsWriter.Tensor(name: $0.key, shape: [1, $0.value.count], floats: $0.value) })
        return try HuggingFaceFolder(path: folder.path)
    }

    private func message(_ configuration: [String: Any] = llama, change: [String: Any]) throws -> String {
        "\(try #require(#expect(throws: ModelFileError.self) { try open(configuration, change: change) }))"
    }

    @Test("the configuration has GGUF's keys")
    func keys() throws {
        let folder = try open(change: ["rope_scaling": ["rope_type": "linear", "factor": 2], "sliding_window": 32, "head_dim": 4])
        #expect(try folder.string("general.architecture") == "llama" && folder.integer("llama.embedding_length") == 8)
        #expect(try folder.integer("llama.attention.head_count_kv") == 1 && folder.integer("llama.attention.sliding_window") == 32)
        #expect(try folder.float("llama.rope.freq_base") == 500_000 && folder.float("llama.attention.layer_norm_rms_epsilon") == 1e-5)
        #expect(try folder.string("llama.rope.scaling.type") == "linear" && folder.float("llama.rope.scaling.factor") == 2)
        #expect(folder.conventions.turnsHalves && folder.keys.contains("llama.context_length"))
        #expect(throws: ModelFileError.self) { try folder.integer("general.architecture") }
    }

    @Test("long rope's factors are vectors, and newer files' rope_parameters are read")
    func longRope() throws {
        let rope: [String: Any] = [
            "rope_type": "longrope", "short_factor": [1, 1.5], "long_factor": [2, 3], "rope_theta": 10_000,
            "original_max_position_embeddings": 16,
        ]
        let folder = try open(change: ["model_type": "phi3", "rope_parameters": rope, "rope_theta": NSNull()])
        #expect(folder.vector("rope_factors_long.weight") == [2, 3] && folder.vector("rope_factors_short.weight") == [1, 1.5])
        #expect(try folder.integer("phi3.rope.scaling.original_context_length") == 16 && folder.float("phi3.rope.freq_base") == 10_000)
        #expect(folder.vector("other") == nil)
    }

    @Test("tensors have GGUF's names; what has none keeps its own, and what is computed anyway is left out")
    func names() throws {
        let folder = try open(tensors: [
            "model.embed_tokens.weight": [1], "model.layers.1.self_attn.q_proj.weight": [2], "model.layers.0.mlp.down_proj.bias": [3],
            "model.layers.0.self_attn.rotary_emb.inv_freq": [4], "model.layers.0.strange.weight": [5], "lm_head.weight": [6],
        ])
        #expect(
            Set(folder.tensors.keys) == [
                "token_embd.weight", "blk.1.attn_q.weight", "blk.0.ffn_down.bias", "model.layers.0.strange.weight", "output.weight",
            ]
        )
        let tied = try open(change: ["tie_word_embeddings": true], tensors: ["model.embed_tokens.weight": [1], "lm_head.weight": [6]])
        #expect(Set(tied.tensors.keys) == ["token_embd.weight"])
    }

    @Test("a sharded model is found by its index, and an index that lies is refused")
    func shards() throws {
        func sharded(_ map: [String: String]) throws -> HuggingFaceFolder {
            try open(tensors: ["model.embed_tokens.weight": [1, 2], "model.norm.weight": [3]]) { folder, tensors in
                for (index, tensor) in tensors.sorted(by: { $0.name < $1.name }).enumerated() {
                    try SafetensorsWriter.write(tensors: [tensor], to: folder.appendingPathComponent("part-\(index).safetensors").path)
                }
                let index = try JSONSerialization.data(withJSONObject: ["weight_map": map])
                try index.write(to: folder.appendingPathComponent("model.safetensors.index.json"))
            }
        }
        let both = ["model.embed_tokens.weight": "part-0.safetensors", "model.norm.weight": "part-1.safetensors"]
        let folder = try sharded(both)
        #expect(folder.files.count == 2 && folder.tensors.count == 2)
        let norm = try folder.tensor("output_norm.weight")
        let bytes = withExtendedLifetime(folder) { Array(folder.storage(of: norm).bytes) }
        #expect(norm.file == 1 && bytes == [0, 0, 0x40, 0x40])
        #expect(throws: ModelFileError.missingTensor("model.other.weight")) {
            try sharded(both.merging(["model.other.weight": "part-0.safetensors"]) { $1 })
        }
        for place in ["../part-0.safetensors", "/etc/passwd", "..", "", "absent.safetensors"] {
            #expect(throws: ModelFileError.self) { try sharded(["model.embed_tokens.weight": place]) }
        }
    }

    @Test("what is not supported is refused by its name")
    func refusals() throws {
        #expect(try message(change: ["model_type": "mamba"]).contains("'mamba'"))
        #expect(try message(change: ["model_type": 1]).contains("model_type"))
        #expect(try message(change: ["hidden_size": NSNull()]).contains("hidden_size"))
        #expect(try message(change: ["hidden_size": "8"]).contains("a whole number"))
        #expect(try message(change: ["hidden_act": "gelu"]).contains("gelu"))
        #expect(try message(change: ["quantization_config": ["quant_method": "gptq"]]).contains("gptq"))
        #expect(try message(change: ["rope_scaling": ["type": "dynamic", "factor": 2]]).contains("dynamic"))
        #expect(try message(change: ["rope_scaling": ["type": "linear"]]).contains("factor"))
        #expect(try message(change: ["model_type": "qwen2", "use_sliding_window": true]).contains("use_sliding_window"))
        #expect(try message(change: ["model_type": "falcon", "alibi": true]).contains("alibi"))
        #expect(try message(change: ["model_type": "gemma3_text", "final_logit_softcapping": 30]).contains("final_logit_softcapping"))
    }

    @Test("a folder that lacks its files says which")
    func missingFiles() throws {
        let none = try #require(#expect(throws: ModelFileError.self) { try open { _, _ in } })
        #expect("\(none)".contains("model.safetensors.index.json"))
        let empty = directory.url.appendingPathComponent("empty")
        try FileManager.default.createDirectory(at: empty, withIntermediateDirectories: true)
        let nothing = try #require(#expect(throws: ModelFileError.self) { try HuggingFaceFolder(path: empty.path) })
        #expect("\(nothing)".contains("config.json"))
        #expect(throws: ModelFileError.self) { try ModelFormat.open(path: empty.path) }
    }
}
