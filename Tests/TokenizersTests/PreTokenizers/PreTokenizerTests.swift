import TestSupport
import Testing
import Tokenizers

@Suite("Pre-tokenizers")
struct PreTokenizerTests {
    private struct Words: Decodable {
        let text: String
        let words: [String: [Int]]
    }

    /// One name of each kind.
    static let kinds = [
        "gpt-2", "smollm", "llama-bpe", "dbrx", "glm4", "qwen2", "qwen35", "ufakzeka", "laguna", "seed-coder", "minicpm5", "bailingmoe",
        "gpt-4o",
        "tekken", "kimi-k2", "deepseek-llm", "deepseek-coder", "deepseek-v3", "falcon", "default", "bloom", "viking",
    ]
    private let table = ScalarClassTable()

    @Test("texts are cut as Hugging Face's regular expressions cut them", arguments: kinds)
    func matchesReference(name: String) throws {
        let goldens = try #require(try GoldenFiles.json("tokenizers/words.json", as: [Words].self))
        let preTokenizer = try #require(PreTokenizer(name: name))
        #expect(goldens.count > 180)
        for golden in goldens {
            let words = preTokenizer.words(Array(golden.text.utf8), classes: table).map(\.count)
            #expect(words == golden.words[name], "\(golden.text.debugDescription)")
        }
    }

    @Test("any bytes are cut without gaps", arguments: kinds)
    func anyBytes(name: String) throws {
        let preTokenizer = try #require(PreTokenizer(name: name))
        var random = RandomNumbers(seed: 1)
        for _ in 0..<300 {
            let bytes = random.text(40)
            let words = preTokenizer.words(bytes, classes: table)
            #expect(words.allSatisfy { !$0.isEmpty })
            #expect(words.first?.lowerBound == 0 && words.last?.upperBound == bytes.count)
            #expect(zip(words, words.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
        }
    }

    @Test("what is written by hand cuts as the pattern that it stands for", arguments: ["gpt-2", "smollm", "llama-bpe", "qwen2"])
    func scannersMatchPatterns(name: String) throws {
        let scanner = try #require(PreTokenizer(name: name))
        // Other texts that mean the same, so that no scanner is found for them.
        let pattern = try PreTokenizer(regularExpressions: PreTokenizer.expressions(name: name).map { "(?:\($0))" })
        var random = RandomNumbers(seed: 2)
        for _ in 0..<500 {
            let bytes = random.text(60)
            #expect(scanner.words(bytes, classes: table) == pattern.words(bytes, classes: table), "\(bytes)")
        }
    }

    @Test("no text takes more than its length", .timeLimit(.minutes(1)), arguments: kinds)
    func staysLinear(name: String) throws {
        let preTokenizer = try #require(PreTokenizer(name: name))
        let motifs = [
            "a", "A", "aA", "Aa", " ", "\t", "\n", " \n", "\r", "1", "12 ", "中", "中A", "é", ".", "!a", "'", "'s", "$", "\u{301}",
            "a\u{301}", "  x",
        ]
        for motif in motifs {
            // With something behind it that ends what began.
            let bytes = Array(String(repeating: motif, count: 65_536 / motif.utf8.count).utf8) + Array("x 1".utf8)
            let lengths = preTokenizer.words(bytes, classes: table).map(\.count)
            #expect(lengths.reduce(0, +) == bytes.count)
            // Words come again and again as at the beginning: no pattern gave up before the end.
            let longest = lengths.prefix(8).max() ?? 0
            #expect(lengths.allSatisfy { $0 <= longest + 8 }, "\(motif.debugDescription): \(lengths.max() ?? 0) bytes")
        }
    }

    @Test("names are known as llama.cpp writes them; others are not")
    func names() {
        #expect(Set(Self.kinds).isSubset(of: PreTokenizer.names) && Set(PreTokenizer.names).count == PreTokenizer.names.count)
        for name in PreTokenizer.names { #expect(PreTokenizer(name: name) != nil, "\(name)") }
        #expect(PreTokenizer(name: "bert") == nil && PreTokenizer(name: "") == nil && PreTokenizer(name: "GPT-2") == nil)
    }

    @Test("the class of every scalar of Unicode 16 is that of the standard library")
    func classes() {
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
