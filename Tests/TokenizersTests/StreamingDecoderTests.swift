import TestSupport
import Testing
import Tokenizers

@Suite("Streaming decoder")
struct StreamingDecoderTests {
    private let tokenizer: Tokenizer

    init() throws {
        var vocabulary = try ToyVocabulary.make()
        vocabulary.add("<s>", .control)
        tokenizer = try Tokenizer(vocabulary)
    }

    private func stream(_ tokens: [TokenID], skipSpecial: Bool = true) -> (pieces: [String], end: String) {
        var decoder = StreamingDecoder(tokenizer: tokenizer, skipSpecial: skipSpecial)
        let pieces = tokens.map { decoder.append($0) }
        return (pieces, decoder.finish())
    }

    @Test("a character comes when its last byte does")
    func wholeCharacters() {
        #expect(stream([0xf0, 0x9f, 0x99, 0x82, 0x61]) == (["", "", "", "🙂", "a"], ""))
        #expect(stream([0xc3, 0xa9]) == (["", "é"], ""))
    }

    @Test("bytes that can become no character are replaced at once, begun ones at the end")
    func invalidBytes() {
        #expect(stream([0xff, 0x61]) == (["\u{fffd}", "a"], ""))
        #expect(stream([0xe2, 0x82]) == (["", ""], "\u{fffd}"))
        #expect(stream([0xe2, 0x61]) == (["", "\u{fffd}a"], ""))
        #expect(stream([0xed, 0xa0, 0x80]) == (["", "\u{fffd}\u{fffd}", "\u{fffd}"], ""))
        #expect(stream([0xf4, 0x90]) == (["", "\u{fffd}\u{fffd}"], ""))
        #expect(stream([0xc0, 0x80]) == (["\u{fffd}", "\u{fffd}"], ""))
    }

    @Test("special tokens leave no text where they are skipped, and break no character")
    func specialTokens() {
        #expect(stream([0xc3, 256, 0xa9]) == (["", "", "é"], ""))
        #expect(stream([256, 0x61], skipSpecial: false) == (["<s>", "a"], ""))
        #expect(stream([-1, 9999, 0x61]) == (["", "", "a"], ""))
    }

    @Test("pieces add up to the decoded whole, whatever the bytes", arguments: 1...20)
    func addsUp(seed: UInt64) {
        var random = RandomNumbers(seed: seed)
        let bytes = random.text(200)
        let tokens = bytes.map { TokenID($0) }
        let (pieces, end) = stream(tokens)
        #expect((pieces.joined() + end).utf8.elementsEqual(String(decoding: bytes, as: UTF8.self).utf8))
        #expect((pieces.joined() + end).utf8.elementsEqual(tokenizer.decode(tokens, skipSpecial: true).utf8))
    }
}
