import Testing
import rudder

@Suite("Keys from a terminal's bytes")
struct KeyParserTests {
    private func keys(_ text: String) -> [Key] {
        var parser = KeyParser()
        return parser.take(text.utf8)
    }

    @Test("letters, control keys and escape sequences")
    func named() {
        #expect(keys("aé漢") == [.text("a"), .text("é"), .text("漢")])
        #expect(
            keys("\u{01}\u{05}\u{0b}\u{15}\u{17}\u{7f}\t\r") == [
                .home, .end, .deleteToEnd, .deleteToStart, .deleteWordBefore, .backspace, .tab, .enter,
            ]
        )
        #expect(keys("\u{1b}[A\u{1b}OB\u{1b}[C\u{1b}[D\u{1b}[H\u{1b}[4~\u{1b}[3~") == [.up, .down, .right, .left, .home, .end, .delete])
        #expect(keys("\u{1b}b\u{1b}f\u{1b}[1;5C\u{1b}\r") == [.wordLeft, .wordRight, .wordRight, .newline])
        #expect(keys("\u{03}\u{04}\u{1a}") == [.interrupt, .endOfInput, .suspend])
    }

    @Test("the same keys however the bytes are cut", arguments: 1...7)
    func pieces(size: Int) {
        let text = "a漢🙂\u{1b}[1;5D\u{1b}[200~x\r\ny\u{1b}[201~\u{1b}[3~z"
        let bytes = Array(text.utf8)
        var parser = KeyParser()
        var found: [Key] = []
        for start in stride(from: 0, to: bytes.count, by: size) { found += parser.take(bytes[start..<min(start + size, bytes.count)]) }
        #expect(found == [.text("a"), .text("漢"), .text("🙂"), .wordLeft, .paste("x\ny"), .delete, .text("z")])
    }

    @Test("a paste keeps line ends and loses what would control the terminal")
    func paste() {
        #expect(keys("\u{1b}[200~a\rb\r\nc\u{07}\u{03}\td\u{1b}[201~\r") == [.paste("a\nb\nc\td"), .enter])
    }

    @Test("Ctrl-C that comes by itself ends a paste whose end never came")
    func pasteWithoutEnd() {
        var parser = KeyParser()
        #expect(parser.take(Array("\u{1b}[200~one\ntwo".utf8)).isEmpty)
        #expect(parser.take([0x03]) == [.interrupt])
        #expect(parser.take(Array("a\r".utf8)) == [.text("a"), .enter])
    }

    @Test("control characters of two bytes and a console's function keys are no text")
    func noText() {
        #expect(keys("a\u{85}\u{9b}b") == [.text("a"), .text("b")])
        #expect(keys("\u{1b}[[Ax") == [.text("x")])
    }

    @Test("an unknown sequence is passed over whole, and broken UTF-8 costs no letter after it")
    func unknown() {
        #expect(keys("\u{1b}[99;1ux\u{1b}[15~y") == [.text("x"), .text("y")])
        var parser = KeyParser()
        #expect(parser.take([0xe6, 0x61, 0xff, 0x62]) == [.text("a"), .text("b")])
    }

    @Test("Escape alone takes nothing with it once a moment passed")
    func escapeAlone() {
        var parser = KeyParser()
        #expect(parser.take([0x1b]).isEmpty)
        parser.pause()
        #expect(parser.take(Array("b".utf8)) == [.text("b")])
    }
}
