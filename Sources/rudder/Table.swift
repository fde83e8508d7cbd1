/// Lays out rows of words in columns.
enum Table {
    /// The rows as lines, each column as wide as its widest word.
    static func text(_ rows: [[String]]) -> String {
        var widths: [Int] = []
        for row in rows {
            for (column, word) in row.enumerated() {
                if column == widths.count { widths.append(0) }
                widths[column] = max(widths[column], word.count)
            }
        }
        var text = ""
        for row in rows {
            var line = ""
            for (column, word) in row.enumerated() {
                line += word
                if column + 1 < row.count { line += String(repeating: " ", count: widths[column] - word.count + 2) }
            }
            text += line + "\n"
        }
        return text
    }
}
