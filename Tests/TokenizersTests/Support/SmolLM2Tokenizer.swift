import ModelFiles
import TestSupport
import Tokenizers

/// The default model's tokenizer and template.
enum SmolLM2Tokenizer {
    static func gguf() throws -> GGUFFile? {
        try GoldenFiles.model.map { try GGUFFile(path: $0.path) }
    }

    static func load() throws -> Tokenizer? {
        try gguf().map { try Tokenizer(gguf: $0) }
    }
}
