import Testing
import rudder

@Suite("What reaches the terminal")
struct TerminalTextTests {
    @Test("a table's words stay in their columns, whatever a file put into them")
    func table() {
        let text = Table.text([["name", "x"], ["漢字\u{1b}[2J\u{202e}", "a\nb\u{07}\tc"], ["n", ""]])
        #expect(text == "name     x\n漢字[2J  a b c\nn        \n")
    }

    @Test("controls and turns of direction are left out; a line stays a line")
    func harmless() {
        #expect(TerminalText.harmless("a\u{1b}b\nc\td\u{9b}e\u{2066}f\u{202e}g\u{200f}") == "ab\nc\tdefg\u{200f}")
        #expect(TerminalText.line("a\nb\tc\u{0d}") == "a b c")
    }

    @Test(
        "a progress bar never reaches a row's end: first its detail goes, then its own end",
        arguments: [(80, "train [##..] 10%  9 tokens/s"), (27, "train [##..] 10%"), (8, "train ["), (1, ""), (0, "")]
    )
    func progress(columns: Int, expected: String) {
        #expect(ProgressLine.fitted("train [##..] 10%", detail: "9 tokens/s", columns: columns) == expected)
    }
}
