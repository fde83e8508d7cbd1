import TestSupport
import Testing
import Tokenizers

@Suite("Pre-tokenizers")
struct PreTokenizerTests {
    private struct Words: Decodable {
        let text: String
        let words: [String: [Int]]
    }

    @Test("texts are cut as Hugging Face's regular expressions cut them", arguments: ["gpt-2", "smollm", "llama-bpe", "qwen2"])
    func matchesReference(name: String) throws {
        let goldens = try #require(try GoldenFiles.json("tokenizers/words.json", as: [Words].self))
        let preTokenizer = try #require(PreTokenizer(name: name))
        #expect(goldens.count > 80)
        for golden in goldens {
            #expect(preTokenizer.words(Array(golden.text.utf8)).map(\.count) == golden.words[name], "\(golden.text.debugDescription)")
        }
    }

    @Test("any bytes are cut without gaps", arguments: ["gpt-2", "smollm", "llama-bpe", "qwen2"])
    func anyBytes(name: String) throws {
        let preTokenizer = try #require(PreTokenizer(name: name))
        var random = RandomNumbers(state: 1)
        for _ in 0..<300 {
            let bytes = random.text(40)
            let words = preTokenizer.words(bytes)
            #expect(words.allSatisfy { !$0.isEmpty })
            #expect(words.first?.lowerBound == 0 && words.last?.upperBound == bytes.count)
            #expect(zip(words, words.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
        }
    }

    @Test("names are known as llama.cpp writes them; others are not")
    func names() {
        #expect(PreTokenizer.names == ["gpt-2", "llama-bpe", "llama-v3", "llama3", "qwen2", "smollm"])
        #expect(PreTokenizer(name: "falcon") == nil && PreTokenizer(name: "") == nil)
    }

    @Test("the class of every scalar of Unicode 16 is that of the standard library")
    func classes() {
        let table = ScalarClassTable()
        for value in UInt32(0)...0x10ffff {
            guard let scalar = Unicode.Scalar(value), let age = scalar.properties.age, age.major <= 16 else { continue }
            let expected: UInt8 =
                switch scalar.properties.generalCategory {
                case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: 1
                case .decimalNumber, .letterNumber, .otherNumber: 2
                default: scalar.properties.isWhitespace ? 3 : 0
                }
            if table.classNumber(value) != expected { Issue.record("U+\(String(value, radix: 16))") }
        }
        #expect(table.classNumber(.max) == 0 && table.classNumber(0xd800) == 0)
    }
}
