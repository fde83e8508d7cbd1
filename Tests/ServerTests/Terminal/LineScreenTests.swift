import Testing
import rudder

@Suite("What the line editor draws")
struct LineScreenTests {
    /// What a terminal of that size shows of an output, and where its cursor is.
    private func shown(_ text: String, columns: Int) -> (rows: [String], row: Int, column: Int) {
        var screen = TestScreen(columns: columns)
        screen.write(text)
        return (screen.rows, screen.row, screen.column)
    }

    private func buffer(_ text: String, cursor: Int) -> LineBuffer {
        var buffer = LineBuffer(text)
        buffer.move(by: cursor - buffer.count)
        return buffer
    }

    @Test(
        "the cursor is where the text says, over rows, wide characters and line breaks",
        arguments: [
            ("abc", 1, ["> abc"], 0, 3), ("abcdefghij", 10, ["> abcdefgh", "ij"], 1, 2), ("abcdefgh", 8, ["> abcdefgh", ""], 1, 0),
            ("漢字漢字漢", 5, ["> 漢字漢字", "漢"], 1, 2), ("a\nb", 3, ["> a", "  b"], 1, 3), ("a\nb", 1, ["> a", "  b"], 0, 3),
        ] as [(String, Int, [String], Int, Int)]
    )
    func layout(text: String, cursor: Int, rows: [String], row: Int, column: Int) {
        var screen = LineScreen(columns: 10, rows: 24)
        let found = shown(screen.draw(prompt: "> ", buffer: buffer(text, cursor: cursor)), columns: 10)
        #expect(found.rows == rows && found.row == row && found.column == column, "\(found)")
    }

    @Test("a line drawn anew leaves nothing of the one before, and output goes on below it")
    func redraw() {
        var screen = LineScreen(columns: 10, rows: 24)
        var text = screen.draw(prompt: "> ", buffer: LineBuffer("a long line of text"))
        text += screen.draw(prompt: "> ", buffer: buffer("a long line of", cursor: 2))
        text += screen.draw(prompt: "> ", buffer: LineBuffer("short"))
        text += screen.finish(prompt: "> ", buffer: buffer("short", cursor: 0)) + "answer"
        #expect(shown(text, columns: 10).rows == ["> short", "answer"])
    }

    @Test("of a prompt wider than half the terminal the end is drawn, and the cursor stays where the text says")
    func widePrompt() {
        var screen = LineScreen(columns: 10, rows: 24)
        let found = shown(screen.draw(prompt: "a-long-name@3/plain> ", buffer: LineBuffer("abc")), columns: 10)
        #expect(found.rows == ["ain> abc"] && found.row == 0 && found.column == 8, "\(found)")
    }

    @Test("a text taller than the terminal is seen around its cursor")
    func tall() {
        var screen = LineScreen(columns: 10, rows: 5)
        let lines = (1...20).map { "\($0)" }.joined(separator: "\n")
        let found = shown(screen.draw(prompt: "> ", buffer: LineBuffer(lines)), columns: 10)
        #expect(found.rows == ["  17", "  18", "  19", "  20"] && found.row == 3)
    }

    @Test("two answers side by side: rows stay in their columns, words whole, whichever is ahead")
    func comparison() {
        var view = ComparisonView(columns: 24, rows: 10)
        var screen = TestScreen(columns: 24)
        for (text, side) in [("one two three", ComparisonView.Side.left), ("a\nb\nc\nd", .right), (" four", .left)] {
            view.append(text, style: nil, side)
            screen.write(view.draw())
        }
        view.end(.left)
        screen.write(view.draw())
        view.append(" e", style: nil, .right)
        view.end(.right)
        screen.write(view.draw())
        #expect(screen.rows == ["one two    │ a", "three four │ b", "           │ c", "           │ d e", ""])
    }

    @Test("where the right answer ends first, the left one scrolls on as it comes, however long it is")
    func rightEndsFirst() {
        var view = ComparisonView(columns: 24, rows: 5)
        var screen = TestScreen(columns: 24)
        view.append("a", style: nil, .right)
        view.end(.right)
        for line in 1...20 {
            view.append("\(line)\n", style: nil, .left)
            screen.write(view.draw())
            #expect(screen.rows.contains { $0.hasPrefix("\(line) ") }, "row \(line) is shown once it has come")
        }
    }

    @Test("two answers side by side on a terminal that becomes narrower: all is drawn once more below, and nothing over what wrapped")
    func narrower() {
        var view = ComparisonView(columns: 24, rows: 10)
        view.append("one two three", style: nil, .left)
        view.append("a", style: nil, .right)
        #expect(view.fit(columns: 24, rows: 10).isEmpty)
        var text = view.draw()
        text += view.fit(columns: 16, rows: 10)
        view.append("\nb", style: nil, .right)
        view.end(.left)
        view.end(.right)
        text += view.draw()
        #expect(shown(text, columns: 24).rows == ["one two    │ a", "three      │", "one    │ a", "two    │ b", "three  │", ""])
        #expect(view.fit(columns: 80, rows: 40).isEmpty, "a larger one needs nothing")
    }
}
