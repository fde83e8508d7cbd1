/// Draws a prompt with the line behind it, over as many rows as it takes, and knows where it drew it.
package struct LineScreen: Sendable {
    /// The row that the terminal's cursor is in, counted from the first that was drawn.
    private var cursorRow = 0
    package var columns: Int
    package var rows: Int

    package init(columns: Int, rows: Int) {
        self.columns = columns
        self.rows = rows
    }

    /// What draws a line in place of the one drawn before.
    package mutating func draw(prompt: String, buffer: LineBuffer) -> String {
        let layout = layout(prompt: prompt, buffer: buffer)
        // A line with more rows than the terminal is seen around the cursor.
        let height = max(1, rows - 1)
        let first = max(0, min(layout.row - height / 2, layout.rows.count - height))
        let visible = layout.rows[first..<min(first + height, layout.rows.count)]
        let row = layout.row - first
        var text = toFirstRow + visible.joined(separator: "\r\n")
        let up = visible.count - 1 - row
        if up > 0 { text += "\u{1b}[\(up)A" }
        text += "\r"
        if layout.column > 0 { text += "\u{1b}[\(layout.column)C" }
        cursorRow = row
        return text
    }

    /// What leaves the line as it stands, for the next output to begin below it.
    package mutating func finish(prompt: String, buffer: LineBuffer) -> String {
        var whole = buffer
        whole.move(by: whole.count)
        let text = draw(prompt: prompt, buffer: whole)
        cursorRow = 0
        return text + "\r\n"
    }

    /// What takes the line away, for other output in its place.
    package mutating func erase() -> String {
        defer { cursorRow = 0 }
        return toFirstRow
    }

    /// What empties the whole screen; the line is drawn at its top next.
    package mutating func clear() -> String {
        cursorRow = 0
        return "\u{1b}[H\u{1b}[2J"
    }

    private var toFirstRow: String {
        (cursorRow > 0 ? "\u{1b}[\(cursorRow)A" : "") + "\r\u{1b}[J"
    }

    /// The end of a prompt, which names more than there is room for at times.
    private static func cut(_ prompt: String, to columns: Int) -> String {
        var kept = Array(prompt)
        while DisplayWidth.of(String(kept)) > columns { kept.removeFirst() }
        return String(kept)
    }

    private func layout(prompt: String, buffer: LineBuffer) -> (rows: [String], row: Int, column: Int) {
        let columns = max(2, columns)
        let prompt = Self.cut(prompt, to: columns / 2)
        let indent = String(repeating: " ", count: DisplayWidth.of(prompt))
        var rows: [String] = []
        var (line, width) = (prompt, DisplayWidth.of(prompt))
        var place = (row: 0, column: 0)
        func isCursor(_ index: Int) -> Bool { index == buffer.cursor }
        for (index, character) in buffer.text.enumerated() {
            let cells = DisplayWidth.of(character)
            let breaks = character == "\n"
            if !breaks, width + cells > columns {
                rows.append(line)
                (line, width) = ("", 0)
            }
            if isCursor(index) { place = (rows.count, width) }
            if breaks {
                rows.append(line)
                (line, width) = (indent, indent.count)
            } else {
                line += character == "\t" ? String(repeating: " ", count: DisplayWidth.tab) : String(character)
                width += cells
            }
        }
        // The cursor behind a full row is at the next one's beginning.
        if width >= columns {
            rows.append(line)
            (line, width) = ("", 0)
        }
        rows.append(line)
        if isCursor(buffer.count) { place = (rows.count - 1, width) }
        return (rows, place.row, min(place.column, columns - 1))
    }
}
