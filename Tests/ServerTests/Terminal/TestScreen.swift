import rudder

/// As much of a terminal as the editor's output needs: text, line ends, moving the cursor, and erasing below it.
struct TestScreen {
    private let columns: Int
    private var cells: [[Character]] = [[]]
    private(set) var row = 0
    private(set) var column = 0

    init(columns: Int) {
        self.columns = columns
    }

    /// The rows without spaces at their ends.
    var rows: [String] {
        cells.map { row in
            var text = String(row.filter { $0 != Self.second })
            while text.hasSuffix(" ") { text.removeLast() }
            return text
        }
    }

    /// Stands behind a wide character.
    private static let second: Character = "\u{0}"

    mutating func write(_ text: String) {
        let scalars = Array(text.unicodeScalars)
        var index = 0
        var plain = ""
        func isFinal(_ scalar: Unicode.Scalar) -> Bool { ("@"..."~").contains(scalar) }
        while index < scalars.count {
            if scalars[index] == "\u{1b}", index + 1 < scalars.count, scalars[index + 1] == "[" {
                put(plain)
                plain = ""
                var end = index + 2
                while !isFinal(scalars[end]) { end += 1 }
                let number = Int(String(String.UnicodeScalarView(scalars[(index + 2)..<end]))) ?? 1
                switch scalars[end] {
                case "A": row = max(0, row - number)
                case "C": column += number
                case "J":
                    cells.removeSubrange((row + 1)...)
                    cells[row] = Array(cells[row].prefix(column))
                default: break
                }
                index = end + 1
            } else {
                plain.unicodeScalars.append(scalars[index])
                index += 1
            }
        }
        put(plain)
    }

    private mutating func put(_ text: String) {
        for character in text {
            switch character {
            case "\r\n":
                column = 0
                down()
            case "\r": column = 0
            case "\n": down()
            default:
                for (offset, shown) in ([character] + Array(repeating: Self.second, count: DisplayWidth.of(character) - 1)).enumerated() {
                    while cells[row].count <= column + offset { cells[row].append(" ") }
                    cells[row][column + offset] = shown
                }
                column += DisplayWidth.of(character)
            }
        }
    }

    private mutating func down() {
        row += 1
        while cells.count <= row { cells.append([]) }
    }
}
