/// Lays out rows of words in columns.
package enum Table {
    /// The rows as lines, each column as wide as its widest word. Words may come from files: whatever is in them, they stay in their places.
    package static func text(_ rows: [[String]]) -> String {
        let rows = rows.map { $0.map(TerminalText.line) }
        var widths: [Int] = []
        for row in rows {
            for (column, word) in row.enumerated() {
                if column == widths.count { widths.append(0) }
                widths[column] = max(widths[column], DisplayWidth.of(word))
            }
        }
        var text = ""
        for row in rows {
            var line = ""
            for (column, word) in row.enumerated() {
                line += word
                if column + 1 < row.count { line += String(repeating: " ", count: widths[column] - DisplayWidth.of(word) + 2) }
            }
            text += line + "\n"
        }
        return text
    }
}
