import TestSupport
import Testing
import Tokenizers

@Suite("Byte-pair encoding")
struct BytePairTests {
    /// The definition: of all neighbours the pair with the lowest rank merges, the leftmost first, until none does.
    private func reference(_ word: [UInt8], _ merges: [(String, String)]) -> [[UInt8]] {
        var symbols = word.map { [$0] }
        while true {
            var best: (rank: Int, place: Int)?
            for place in symbols.indices.dropLast() {
                let rank = merges.firstIndex { Array($0.0.utf8) == symbols[place] && Array($0.1.utf8) == symbols[place + 1] }
                if let rank, rank < best?.rank ?? .max { best = (rank, place) }
            }
            guard let best else { return symbols }
            symbols[best.place] += symbols.remove(at: best.place + 1)
        }
    }

    @Test("short and long words merge as the definition says", arguments: 1...12)
    func matchesDefinition(seed: UInt64) throws {
        var random = RandomNumbers(seed: seed)
        var parts = ["a", "b", "c"]
        var merges: [(String, String)] = []
        for _ in 0..<30 {
            let pair = (parts.randomElement(using: &random) ?? "a", parts.randomElement(using: &random) ?? "b")
            guard !merges.contains(where: { $0 == pair }) else { continue }
            merges.append(pair)
            if !parts.contains(pair.0 + pair.1) { parts.append(pair.0 + pair.1) }
        }
        let tokenizer = try Tokenizer(ToyVocabulary.make(merges: merges))
        for length in [1, 2, 3, 7, 20, 47, 48, 49, 50, 120, 300] {
            let word = (0..<length).map { _ in UInt8.random(in: 0x61...0x63, using: &random) }
            let tokens = tokenizer.encode(word, parseSpecial: false, addBeginning: false)
            #expect(tokens.map { tokenizer.bytes(of: $0) } == reference(word, merges), "\(length)")
        }
    }

    @Test("the leftmost of equal pairs merges first")
    func leftmost() throws {
        let tokenizer = try Tokenizer(ToyVocabulary.make(merges: [("a", "a")]))
        for count in [3, 99] {
            let tokens = tokenizer.encode(String(repeating: "a", count: count), parseSpecial: false, addBeginning: false)
            #expect(tokens == [TokenID](repeating: 256, count: count / 2) + [0x61])
        }
    }

    @Test("bytes without a token are left out, and nothing merges across them")
    func missingBytes() throws {
        var vocabulary = try ToyVocabulary.make(merges: [("a", "a")])
        vocabulary.tokens[4] = Array("nothing".utf8)
        let tokenizer = try Tokenizer(vocabulary)
        #expect(tokenizer.missingBytes == [4])
        let long = [UInt8](repeating: 4, count: 100)
        #expect(tokenizer.encode([0x61, 4, 0x61], parseSpecial: false, addBeginning: false) == [0x61, 0x61])
        #expect(tokenizer.encode([0x61] + long + [0x61], parseSpecial: false, addBeginning: false) == [0x61, 0x61])
        #expect(tokenizer.encode(long, parseSpecial: false, addBeginning: false).isEmpty)
    }

    @Test("a word that is a token is taken whole where llama-bpe says so, whatever the merges")
    func wholeWords() throws {
        for (preTokenizer, expected) in [("llama-bpe", [TokenID(256)]), ("qwen2", [0x61, 0x62, 0x63])] {
            var vocabulary = try ToyVocabulary.make(preTokenizer: preTokenizer)
            vocabulary.add("abc", .normal)
            vocabulary.add("abd", .control)
            let tokenizer = try Tokenizer(vocabulary)
            #expect(tokenizer.encode("abc", parseSpecial: false, addBeginning: false) == expected)
            // A control token is no word.
            #expect(tokenizer.encode("abd", parseSpecial: false, addBeginning: false) == [0x61, 0x62, 0x64])
        }
    }
}
