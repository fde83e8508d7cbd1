/// Two texts that grow side by side on a terminal.
///
/// Rows that will not change any more scroll away like other output; those that may are drawn anew.
package struct ComparisonView: Sendable {
    /// Which of the two.
    package enum Side: Sendable {
        case left
        case right
    }

    private struct Piece: Sendable {
        let text: String
        let style: String?
        let side: Side
    }

    private static let rule = " │ "
    private var columns: Int
    private var rows: Int
    private var width: Int
    /// All that came, to begin anew with.
    private var pieces: [Piece] = []
    private var left: WrappedColumn
    private var right: WrappedColumn
    private var hasLeftEnded = false
    private var hasRightEnded = false
    /// How many rows are on the terminal for good.
    private var settled = 0
    /// How many rows below them were drawn last.
    private var drawn = 0

    /// Makes a view for a terminal of that size.
    package init(columns: Int, rows: Int) {
        (self.columns, self.rows) = (columns, rows)
        width = Self.width(columns: columns)
        left = WrappedColumn(width: width)
        right = WrappedColumn(width: width)
    }

    private static func width(columns: Int) -> Int {
        max(2, (columns - 1 - rule.count) / 2)
    }

    /// Follows the terminal to another size. On a smaller one what was drawn is not where it was: then all is drawn once more, below that.
    ///
    /// - Returns: what leaves what was drawn as it stands; ``draw()`` goes on.
    package mutating func fit(columns: Int, rows: Int) -> String {
        guard columns < self.columns || rows < self.rows else { return "" }
        (self.columns, self.rows) = (columns, rows)
        width = Self.width(columns: columns)
        left = WrappedColumn(width: width)
        right = WrappedColumn(width: width)
        for piece in pieces { add(piece) }
        (settled, drawn) = (0, 0)
        return "\r\n"
    }

    /// Takes a text of one side.
    package mutating func append(_ text: String, style: String?, _ side: Side) {
        let piece = Piece(text: text, style: style, side: side)
        pieces.append(piece)
        add(piece)
    }

    private mutating func add(_ piece: Piece) {
        let (text, style) = (piece.text, piece.style)
        switch piece.side {
        case .left: left.append(text, style: style)
        case .right: right.append(text, style: style)
        }
    }

    /// Nothing more comes on that side.
    package mutating func end(_ side: Side) {
        switch side {
        case .left: hasLeftEnded = true
        case .right: hasRightEnded = true
        }
    }

    /// What brings the terminal up to date.
    package mutating func draw() -> String {
        let total = max(left.count, right.count)
        let stay = min(hasLeftEnded ? total : left.count - 1, hasRightEnded ? total : right.count - 1)
        var text = (drawn > 1 ? "\u{1b}[\(drawn - 1)A" : "") + "\r\u{1b}[J"
        while settled < stay {
            text += row(settled) + "\r\n"
            settled += 1
        }
        // Rows above the terminal's first could not be drawn anew.
        let live = settled..<min(total, settled + max(1, rows - 2))
        text += live.map(row).joined(separator: "\r\n")
        drawn = live.count
        return text
    }

    private func row(_ index: Int) -> String {
        let (first, cells) = left.row(index)
        return first + String(repeating: " ", count: max(0, width - cells)) + Self.rule + right.row(index).text
    }
}
