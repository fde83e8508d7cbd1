import ModelFiles
import TestSupport
import Transformer

/// The default model, where `make model` has put it.
enum SmolLM2 {
    static func load() throws -> LanguageModel? {
        try GoldenFiles.model.map { try LanguageModel(source: GGUFFile(path: $0.path)) }
    }
}
