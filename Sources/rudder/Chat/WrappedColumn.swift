/// Text wrapped to a width as it comes, each character with the style it is written in.
package struct WrappedColumn: Sendable {
    /// A character in its place.
    private struct Cell: Sendable {
        let character: Character
        let width: Int
        let style: String?
    }

    private let width: Int
    private var rows: [[Cell]] = [[]]
    private var lastWidth = 0

    package init(width: Int) {
        self.width = max(2, width)
    }

    /// How many rows there are; all but the last are as they will stay.
    package var count: Int { rows.count }

    /// Takes a text. A word that has no room goes to the next row.
    package mutating func append(_ text: String, style: String?) {
        for character in text {
            if character == "\n" {
                rows.append([])
                lastWidth = 0
                continue
            }
            let shown: Character = character == "\t" ? " " : character
            let cells = DisplayWidth.of(shown)
            rows[rows.count - 1].append(Cell(character: shown, width: cells, style: style))
            lastWidth += cells
            if lastWidth > width { wrap() }
        }
    }

    private mutating func wrap() {
        let row = rows[rows.count - 1]
        var start = row.count - 1
        // A space at the end is where the row would have ended anyway.
        if row[start].character == " " {
            start = row.count
        } else if let space = row.lastIndex(where: { $0.character == " " }) {
            start = space + 1
        }
        rows[rows.count - 1] = Array(row[..<start])
        while rows[rows.count - 1].last?.character == " " { rows[rows.count - 1].removeLast() }
        rows.append(Array(row[start...]))
        lastWidth = rows[rows.count - 1].reduce(0) { $0 + $1.width }
    }

    /// A row with its styles, and how many cells it takes; empty beyond the last.
    package func row(_ index: Int) -> (text: String, width: Int) {
        guard rows.indices.contains(index) else { return ("", 0) }
        var text = ""
        var (width, style) = (0, String?.none)
        for cell in rows[index] {
            if cell.style != style {
                if style != nil { text += ValueScale.reset }
                text += cell.style ?? ""
                style = cell.style
            }
            text.append(cell.character)
            width += cell.width
        }
        return (style == nil ? text : text + ValueScale.reset, width)
    }
}
