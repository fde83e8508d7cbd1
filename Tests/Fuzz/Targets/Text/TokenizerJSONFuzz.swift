import ModelFiles
import Tokenizers

/// `tokenizer.json` files, with `tokenizer_config.json` and a text behind NULs: an accepted tokenizer encodes any text, and loses no byte of it where its
/// steps change none.
struct TokenizerJSONFuzz: FuzzTarget {
    private let scratch: ScratchFolder
    private let folder: HuggingFaceFolder

    init() throws {
        scratch = try ScratchFolder()
        let configuration = """
            {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 2, "intermediate_size": 4, "num_hidden_layers": 1, "eos_token_id": [2],
            "num_attention_heads": 1, "num_key_value_heads": 1, "vocab_size": 2048, "max_position_embeddings": 64, "rms_norm_eps": 1e-5, "hidden_act": "silu"}
            """
        scratch.write(Array(configuration.utf8), to: "config.json")
        let weights = try SafetensorsWriter.encode(
            tensors: [.init(name: "model.embed_tokens.weight", shape: [2048, 2], floats: [Float](repeating: 0, count: 4096))]
        )
        scratch.write(weights, to: "model.safetensors")
        folder = try HuggingFaceFolder(path: scratch.path)
    }

    /// What of a `tokenizer.json` may change text.
    private static let changes = ["strip", "NFC", "Prepend", "Replace", "Metaspace", "Removed", "\\u"]

    func run(_ input: [UInt8]) {
        let (tokenizer, rest) = FuzzInput(input).split(at: 0)
        let (configuration, text) = FuzzInput(rest).split(at: 0)
        scratch.write(tokenizer, to: "tokenizer.json")
        scratch.write(configuration.isEmpty ? Array("{}".utf8) : configuration, to: "tokenizer_config.json")
        guard let files = try? TokenizerFiles(source: folder) else { return }
        let source = String(decoding: tokenizer, as: UTF8.self)
        TokenizerOracle.check(files.tokenizer, more: text, isLossless: !Self.changes.contains { source.contains($0) })
    }
}
