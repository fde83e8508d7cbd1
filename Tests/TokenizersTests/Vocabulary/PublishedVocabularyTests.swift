import Foundation
import ModelFiles
import TestSupport
import Testing
import Tokenizers

@Suite(
    "Published vocabularies",
    .enabled(if: LlamaCppModels.folder != nil, "needs llama.cpp's models folder, which `make test` fetches")
)
struct PublishedVocabularyTests {
    /// The vocabularies of llama.cpp whose kind is one of those that are known, and have a file of texts and one of their tokens.
    static let names: [String] = {
        guard let folder = LlamaCppModels.folder else { return [] }
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return files.filter { $0.hasSuffix(".gguf") }.sorted().filter { name in
            let kind = (try? GGUFFile(path: folder.appendingPathComponent(name).path).string("tokenizer.ggml.model")) ?? nil
            let isKnown = ["gpt2", "llama", "gemma4"].contains(kind) && files.contains(name + ".inp")
            if !isKnown { print("skipped: \(name), \(kind ?? "no tokenizer"), which is not supported or has no texts to test with") }
            return isKnown
        }
    }()

    @Test("texts become the tokens that the models' own tokenizers gave, and the texts again", arguments: names)
    func matches(name: String) throws {
        let folder = try #require(LlamaCppModels.folder)
        let tokenizer = try Tokenizer(gguf: GGUFFile(path: folder.appendingPathComponent(name).path))
        let texts = try String(contentsOf: folder.appendingPathComponent(name + ".inp"), encoding: .utf8)
            .components(separatedBy: "\n__ggml_vocab_test__\n")
        let lines = try String(contentsOf: folder.appendingPathComponent(name + ".out"), encoding: .utf8).split(
            separator: "\n",
            omittingEmptySubsequences: false
        )
        let expected = lines.map { $0.split(separator: " ").compactMap { TokenID($0) } }
        #expect(texts.count > 40 && expected.count >= texts.count - 1)
        for (text, tokens) in zip(texts, expected) {
            let found = tokenizer.encode(text, parseSpecial: false, addBeginning: false)
            #expect(found == tokens, "\(name): \(text.debugDescription)")
            #expect(tokenizer.decode(found, skipSpecial: false) == text, "\(name): \(text.debugDescription)")
        }
    }
}
