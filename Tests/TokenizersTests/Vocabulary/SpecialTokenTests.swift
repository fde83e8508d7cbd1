import Testing
import Tokenizers

@Suite("Special tokens")
struct SpecialTokenTests {
    private func tokenizer(_ special: [(String, TokenKind)]) throws -> Tokenizer {
        var vocabulary = try ToyVocabulary.make()
        for (text, kind) in special { vocabulary.add(text, kind) }
        return try Tokenizer(vocabulary)
    }

    private func encode(_ text: String, _ tokenizer: Tokenizer, parse: Bool = true) -> [TokenID] {
        tokenizer.encode(text, parseSpecial: parse, addBeginning: false)
    }

    @Test("the longest special token at a place is found, and the first place counts")
    func longestFirst() throws {
        let tokenizer = try tokenizer([("<|a", .control), ("<|ab|>", .control), ("b|>c", .control)])
        #expect(encode("<|ab|>", tokenizer) == [257])
        #expect(encode("<|ab", tokenizer) == [256, 0x62])
        #expect(encode("<|ab|>c", tokenizer) == [257, 0x63])
        #expect(encode("<|ab|<|ab|>", tokenizer) == [256, 0x62, 0x7c, 257])
        #expect(encode("<<||a", tokenizer) == [0x3c, 0x3c, 0x7c, 0x7c, 0x61])
        #expect(encode("<|a<|a", tokenizer) == [256, 256])
    }

    @Test("control tokens are text unless they are parsed; user-defined ones are always tokens")
    func parsing() throws {
        let tokenizer = try tokenizer([("<s>", .control), ("<u>", .userDefined), ("<?>", .unknown)])
        #expect(encode("<s><u><?>", tokenizer) == [256, 257, 258])
        #expect(encode("<s><u><?>", tokenizer, parse: false) == [0x3c, 0x73, 0x3e, 257, 0x3c, 0x3f, 0x3e])
        #expect(tokenizer.isSpecial(256) && !tokenizer.isSpecial(257) && tokenizer.isSpecial(258))
        #expect(tokenizer.decode([256, 257, 258, 0x61], skipSpecial: true) == "<u>a")
        #expect(tokenizer.decode([256, 257, 258, 0x61], skipSpecial: false) == "<s><u><?>a")
    }

    @Test("texts that Unicode holds to be equal are different tokens")
    func canonicalEquivalence() throws {
        let tokenizer = try tokenizer([("<\u{e9}>", .control), ("<e\u{301}>", .control)])
        #expect(encode("<e\u{301}>", tokenizer) == [257] && encode("<\u{e9}>", tokenizer) == [256])
    }

    @Test("empty and very long texts are never found")
    func oddTexts() throws {
        let long = String(repeating: "x", count: 257)
        let tokenizer = try tokenizer([("", .control), (long, .control), (String(repeating: "y", count: 256), .control)])
        #expect(encode(long, tokenizer) == [TokenID](repeating: 0x78, count: 257))
        #expect(encode(String(repeating: "y", count: 256), tokenizer) == [258])
        #expect(encode("", tokenizer).isEmpty)
    }

    @Test("many texts that begin alike are searched in linear time")
    func worstCase() throws {
        let tokenizer = try tokenizer((1...255).map { (String(repeating: "a", count: $0) + "!", .control) })
        let start = ContinuousClock.now
        #expect(encode(String(repeating: "a", count: 50_000), tokenizer).count == 50_000)
        #expect(ContinuousClock.now - start < .seconds(30))
    }
}
