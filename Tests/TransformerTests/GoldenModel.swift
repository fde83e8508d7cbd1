import Compute
import Foundation
import ModelFiles
import TestSupport
import Transformer

/// A small model with random weights and what PyTorch computed with it.
struct GoldenModel {
    struct Expected: Decodable {
        let examples: [Example]
    }

    struct Example: Decodable {
        let tokens: [Int32]
        let lastLogits: [Float]
        let lastHidden: [Float]
        let argmax: [Int32]

        enum CodingKeys: String, CodingKey {
            case tokens, argmax
            case lastLogits = "last_logits"
            case lastHidden = "last_hidden"
        }
    }

    /// All golden models.
    static let names = ["llama3", "mistral", "falcon", "qwen2", "qwen3", "gemma3", "phi3"]

    let model: LanguageModel
    let expected: Expected

    /// The golden model of that name; nil where the golden folder has none.
    ///
    /// - Parameters:
    ///   - isFolder: whether the Hugging Face folder is read, and not the GGUF file in it.
    ///   - quantization: what its weights become.
    init?(_ name: String, isFolder: Bool = false, quantization: WeightQuantization? = nil) throws {
        guard let url = GoldenFiles.url("models/\(name)/model.gguf"),
            let expected = try GoldenFiles.json("models/\(name)/expected.json", as: Expected.self)
        else { return nil }
        let path = isFolder ? url.deletingLastPathComponent().path : url.path
        model = try LanguageModel(source: ModelFormat.open(path: path), quantization: quantization)
        self.expected = expected
    }

    /// Whether the golden folder has that model.
    static func isPresent(_ name: String) -> Bool {
        GoldenFiles.url("models/\(name)/model.gguf") != nil
    }
}
