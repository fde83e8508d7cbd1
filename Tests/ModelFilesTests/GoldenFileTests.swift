import Foundation
import ModelFiles
import TestSupport
import Testing

/// The golden models exist in both formats; their tensors must agree.
@Suite("Golden model files", .enabled(if: GoldenFiles.url("models/llama3/model.gguf") != nil, "needs ../shared/golden/models"))
struct GoldenFileTests {
    @Test("the same model in GGUF and in safetensors has the same tensors", arguments: ["llama3", "mistral", "qwen2", "qwen3"])
    func agree(model: String) throws {
        let gguf = try GGUFFile(path: try #require(GoldenFiles.url("models/\(model)/model.gguf")).path)
        let safetensors = try SafetensorsFile(path: try #require(GoldenFiles.url("models/\(model)/model.safetensors")).path)
        let names = [
            ("token_embd.weight", "model.embed_tokens.weight"), ("output_norm.weight", "model.norm.weight"),
            ("blk.0.ffn_up.weight", "model.layers.0.mlp.up_proj.weight"), ("blk.2.ffn_down.weight", "model.layers.2.mlp.down_proj.weight"),
            ("blk.1.attn_v.weight", "model.layers.1.self_attn.v_proj.weight"),
            ("blk.1.attn_norm.weight", "model.layers.1.input_layernorm.weight"),
        ]
        for (inGGUF, inSafetensors) in names {
            let tensor = try gguf.tensor(inGGUF)
            #expect(try tensor.type == .f32 && tensor.shape == safetensors.tensor(inSafetensors).shape)
            let bytes = Array(gguf.bytes(of: tensor))
            #expect(try safetensors.withBytes(of: inSafetensors) { $0.elementsEqual(bytes) })
        }
    }

    @Test("every golden model's header reads", arguments: ["falcon", "gemma3", "llama3", "mistral", "phi3", "qwen2", "qwen3"])
    func read(model: String) throws {
        let gguf = try GGUFFile(path: try #require(GoldenFiles.url("models/\(model)/model.gguf")).path)
        #expect(try gguf.string("general.architecture") != nil && !gguf.tensors.isEmpty)
        let file = try SafetensorsFile(path: try #require(GoldenFiles.url("models/\(model)/model.safetensors")).path)
        for name in file.tensors.keys { #expect(try file.floats(name).allSatisfy { $0.isFinite }) }
    }

    @Test("a large vocabulary opens in tens of milliseconds", .enabled(if: GoldenFiles.model != nil, "needs the default model: make model"))
    func opensQuickly() throws {
        let url = try #require(GoldenFiles.model)
        let file = try GGUFFile(path: url.path)
        #expect(try file.strings("tokenizer.ggml.tokens")?.count == 49152 && file.tensors.count == 272)
    }
}
