import Testing
import rudder

@Suite("The line editor")
struct LineEditorTests {
    /// An editor after keys given as a terminal's bytes.
    private func editor(_ bytes: String, history: [String] = []) -> LineEditor {
        var editor = LineEditor(history: LineHistory(history))
        var parser = KeyParser()
        for key in parser.take(bytes.utf8) { _ = editor.take(key) }
        return editor
    }

    private func state(_ bytes: String) -> String {
        let buffer = editor(bytes).buffer
        return buffer.textBeforeCursor + "|" + buffer.text.dropFirst(buffer.cursor)
    }

    @Test(
        "keys change the text and the cursor",
        arguments: [
            ("hello", "hello|"), ("helo\u{1b}[Dl", "hell|o"), ("hello\u{01}>", ">|hello"), ("b\u{01}a\u{05}c", "abc|"),
            ("one two\u{17}", "one |"), ("one two\u{1b}b\u{0b}", "one |"), ("one two\u{1b}b\u{15}", "|two"),
            ("one two\u{01}\u{1b}f", "one| two"),
            ("one two\u{01}\u{1b}d", "| two"), ("ab\u{1b}[D\u{1b}[3~", "a|"), ("a\u{7f}\u{7f}b", "b|"), ("漢字\u{7f}", "漢|"),
            ("👩‍👩‍👧x\u{7f}\u{7f}", "|"), ("e\u{301}\u{7f}", "|"), ("one\u{1b}\rtwo\u{01}", "one\n|two"),
            ("one\u{1b}\rtwo\u{1b}[A", "one|\ntwo"),
            // What meets once the letter between is gone is one character, a flag.
            ("\u{1F1E9}x\u{1F1EA}\u{1b}[D\u{7f}\u{7f}", "|"),
        ]
    )
    func editing(bytes: String, expected: String) {
        #expect(state(bytes) == expected)
    }

    @Test("Enter hands the line over; a paste with line ends does not")
    func entering() {
        var editor = editor("\u{1b}[200~one\ntwo\u{1b}[201~")
        #expect(editor.buffer.text == "one\ntwo")
        #expect(editor.take(.enter) == .entered("one\ntwo"))
        #expect(editor.buffer.isEmpty)
    }

    @Test("history goes up and down and back to what was being written")
    func history() {
        var editor = editor("draft", history: ["one", "two"])
        var seen: [String] = []
        for key in [Key.up, .up, .up, .down, .down, .down] {
            _ = editor.take(key)
            seen.append(editor.buffer.text)
        }
        #expect(seen == ["two", "one", "one", "two", "draft", "draft"])
        #expect(editor.remember("two") == false)
        #expect(editor.remember("three") == true)
        #expect(editor.history.lines == ["one", "two", "three"])
    }

    @Test("Ctrl-C gives the line up, and twice on an empty one in a row is said; Ctrl-D ends an empty line only")
    func ending() {
        var editor = editor("text")
        #expect(editor.take(.interrupt) == .cancelled(again: false))
        #expect(editor.buffer.isEmpty)
        #expect(editor.take(.interrupt) == .cancelled(again: false))
        #expect(editor.take(.interrupt) == .cancelled(again: true))
        _ = editor.take(.text("a"))
        #expect(editor.take(.interrupt) == .cancelled(again: false))
        #expect(editor.take(.interrupt) == .cancelled(again: false))
        _ = editor.take(.text("a"))
        _ = editor.take(.left)
        #expect(editor.take(.endOfInput) == .redraw)
        #expect(editor.take(.endOfInput) == .ended)
    }

    @Test("Tab goes on as far as all candidates agree, then lists them")
    func completion() {
        func complete(_ line: String) -> [String] { ChatCommand.completions(of: line) { ["positivity", "possible"] } }
        var editor = editor("/he")
        #expect(editor.take(.tab, completions: complete) == .candidates(["/head", "/help"]))
        _ = editor.take(.text("a"))
        #expect(editor.take(.tab, completions: complete) == .redraw)
        #expect(editor.buffer.text == "/head ")
        _ = editor.take(.text("p"))
        #expect(editor.take(.tab, completions: complete) == .redraw)
        #expect(editor.buffer.text == "/head pos")
        #expect(editor.take(.tab, completions: complete) == .candidates(["/head positivity", "/head possible"]))
        #expect(LineEditor().buffer.isEmpty)
        var message = self.editor("hello")
        #expect(message.take(.tab, completions: complete) == .nothing)
    }
}
