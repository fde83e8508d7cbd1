import Foundation
import ModelFiles
import TestSupport
import Testing
import Tokenizers

@Suite("Tokenizers of Hugging Face folders")
struct HuggingFaceTokenizerTests {
    private struct Expected: Decodable {
        let text: String
        let tokens: [TokenID]
        let plain: [TokenID]
        let decoded: String
    }

    /// A folder with one tensor, the files of a golden one, and a changed `tokenizer.json`.
    private func folder(
        _ name: String,
        in directory: TemporaryDirectory,
        change: (inout [String: Any]) -> Void = { _ in }
    ) throws -> HuggingFaceFolder {
        let golden = try #require(GoldenFiles.url("tokenizers/folders/\(name)"))
        let path = directory.url.appendingPathComponent(UUID().uuidString)
        try FileManager.default.copyItem(at: golden, to: path)
        let tensor = SafetensorsWriter.Tensor(name: "lm_head.weight", shape: [1, 8], floats: [Float](repeating: 0, count: 8))
        try SafetensorsWriter.write(tensors: [tensor], to: path.appendingPathComponent("model.safetensors").path)
        let file = path.appendingPathComponent("tokenizer.json")
        var json = try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
        change(&json)
        try JSONSerialization.data(withJSONObject: json).write(to: file)
        return try HuggingFaceFolder(path: path.path)
    }

    @Test(
        "texts become the tokens that Hugging Face's tokenizers gives, and texts again",
        arguments: ["gpt-2", "llama-3", "qwen-2", "falcon", "starcoder", "llama-2", "metaspace", "gemma"]
    )
    func matchesReference(name: String) throws {
        let directory = try TemporaryDirectory()
        let expected = try #require(try GoldenFiles.json("tokenizers/folders/\(name)/expected.json", as: [Expected].self))
        let files = try TokenizerFiles(source: folder(name, in: directory))
        #expect(expected.count > 20)
        for example in expected {
            let found = files.tokenizer.encode(example.text, parseSpecial: true, addBeginning: true)
            #expect(found == example.tokens, "\(example.text.debugDescription)")
            let plain = files.tokenizer.encode(example.text, parseSpecial: true, addBeginning: false)
            #expect(plain == example.plain, "\(example.text.debugDescription)")
            // Behind special tokens the space that encoding puts in front is taken away again, where the reference leaves it.
            guard !example.text.contains("<") else { continue }
            #expect(files.tokenizer.decode(plain, skipSpecial: false) == example.decoded, "\(example.text.debugDescription)")
        }
        #expect(files.chatTemplate == "{{ messages[0].content }}")
        #expect(files.tokenizer.endOfSequence.map { files.tokenizer.tokenText($0) } == "</s>")
        let ends = (0..<TokenID(files.tokenizer.vocabularySize)).filter { files.tokenizer.isEndOfGeneration($0) }
        #expect(ends.map { files.tokenizer.tokenText($0) }.sorted() == ["</s>", "<|end|>"])
    }

    @Test("decoding gives texts back", arguments: ["gpt-2", "llama-3", "falcon", "llama-2", "gemma"])
    func roundTrip(name: String) throws {
        let directory = try TemporaryDirectory()
        let expected = try #require(try GoldenFiles.json("tokenizers/folders/\(name)/expected.json", as: [Expected].self))
        let tokenizer = try TokenizerFiles(source: folder(name, in: directory)).tokenizer
        // Special tokens take white space with them, and ▁ is how spaces are spelled.
        for example in expected where !example.text.contains("<") && !example.text.contains("▁") {
            let tokens = tokenizer.encode(example.text, parseSpecial: true, addBeginning: false)
            #expect(tokenizer.decode(tokens, skipSpecial: false) == example.text, "\(example.text.debugDescription)")
        }
    }

    @Test("added tokens that are spelled ▁ decode as spaces, and those beyond the embeddings are left out")
    func addedTokens() throws {
        let directory = try TemporaryDirectory()
        let spaces: [String: Any] = ["id": 482, "content": "▁▁", "special": false, "normalized": false]
        let far: [String: Any] = ["id": 483, "content": "<image>", "special": true]
        let folder = try folder("gemma", in: directory) { $0["added_tokens"] = ($0["added_tokens"] as? [Any] ?? []) + [spaces, far] }
        let whole = try TokenizerFiles(source: folder).tokenizer
        #expect(whole.decode([482], skipSpecial: false) == "  " && whole.vocabularySize == 484)
        #expect(whole.encode("▁▁", parseSpecial: false, addBeginning: false) == [482])
        let embeddings = SafetensorsWriter.Tensor(
            name: "model.embed_tokens.weight",
            shape: [483, 1],
            floats: [Float](repeating: 0, count: 483)
        )
        try SafetensorsWriter.write(tensors: [embeddings], to: folder.path + "/model.safetensors")
        #expect(try TokenizerFiles(source: HuggingFaceFolder(path: folder.path)).tokenizer.vocabularySize == 483)
        // Text needs all of its tokens.
        let few = SafetensorsWriter.Tensor(name: "model.embed_tokens.weight", shape: [300, 1], floats: [Float](repeating: 0, count: 300))
        try SafetensorsWriter.write(tensors: [few], to: folder.path + "/model.safetensors")
        #expect(throws: TokenizerError.self) { try TokenizerFiles(source: HuggingFaceFolder(path: folder.path)) }
    }

    @Test("a run of marks takes no more than its length", .timeLimit(.minutes(1)))
    func marks() throws {
        let directory = try TemporaryDirectory()
        let tokenizer = try TokenizerFiles(source: folder("qwen-2", in: directory)).tokenizer
        let text = "a" + String(repeating: "\u{301}", count: 200_000) + String(repeating: "\u{323}", count: 200_000)
        #expect(tokenizer.encode(text, parseSpecial: false, addBeginning: false).count > 100_000)
    }

    @Test("what is not built in is refused by its name")
    func refusals() throws {
        let directory = try TemporaryDirectory()
        func message(_ change: (inout [String: Any]) -> Void) throws -> String {
            let folder = try folder("llama-3", in: directory, change: change)
            return "\(try #require(#expect(throws: TokenizerError.self) { try TokenizerFiles(source: folder) }))"
        }
        #expect(try message { $0["model"] = ["type": "Unigram", "vocab": []] }.contains("Unigram"))
        #expect(try message { $0["normalizer"] = ["type": "Lowercase"] }.contains("Lowercase"))
        #expect(try message { $0["pre_tokenizer"] = ["type": "Whitespace"] }.contains("Whitespace"))
        #expect(try message { $0["pre_tokenizer"] = ["type": "ByteLevel", "add_prefix_space": true] }.contains("add_prefix_space"))
        let split: [String: Any] = ["type": "Split", "pattern": ["Regex": #"\bx"#], "behavior": "Isolated"]
        #expect(
            try message { $0["pre_tokenizer"] = ["type": "Sequence", "pretokenizers": [split, ["type": "ByteLevel"]]] }.contains(#"\b"#)
        )
        #expect(try message { $0["added_tokens"] = [["id": 400_000_000, "content": "<far>"]] }.contains("<far>"))
        let removed: [String: Any] = ["type": "Split", "pattern": ["Regex": "[a-z]+"], "behavior": "Removed", "invert": true]
        #expect(
            try message { $0["pre_tokenizer"] = ["type": "Sequence", "pretokenizers": [removed, ["type": "ByteLevel"]]] }.contains(
                "Removed"
            )
        )
        #expect(try message { $0["pre_tokenizer"] = NSNull() }.contains("pre-tokenizer"))
    }

    @Test("a folder without a tokenizer says so")
    func missing() throws {
        let directory = try TemporaryDirectory()
        let folder = try folder("gpt-2", in: directory)
        try FileManager.default.removeItem(atPath: folder.path + "/tokenizer.json")
        #expect(throws: TokenizerError.missingKey("tokenizer.json")) { try TokenizerFiles(source: folder) }
    }
}
