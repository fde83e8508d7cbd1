/// Colours pieces of text by value, on a scale from the lowest value seen to the highest.
package struct ValuePainter: Sendable {
    /// Nil: nothing is coloured.
    package let depth: ColorDepth?
    package private(set) var range = ValueRange()

    private let isTerminal: Bool

    /// Makes a painter.
    ///
    /// - Parameter isTerminal: whether the text is shown on a terminal, which a model's text must not control.
    package init(depth: ColorDepth?, isTerminal: Bool) {
        self.depth = depth
        self.isTerminal = isTerminal
    }

    /// A text in the colour of its value; as it is where it has none.
    package mutating func paint(_ text: String, value: Float?) -> String {
        let text = isTerminal ? TerminalText.harmless(text) : text
        guard !text.isEmpty, let style = style(value) else { return text }
        // A colour that reached a line's end would fill the rest of it.
        return text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.isEmpty ? "" : style + $0 + ValueScale.reset }.joined(separator: "\n")
    }

    /// What has the terminal write in the colour of a value; nil where nothing is coloured.
    package mutating func style(_ value: Float?) -> String? {
        guard let depth, let value else { return nil }
        return ValueScale.sequence(range.place(value), depth: depth)
    }

    /// The scale with its ends, for a legend; nil where nothing was coloured.
    package var legend: String? {
        guard let depth, let lowest = range.lowest, let highest = range.highest else { return nil }
        let swatch = (0...8).map { ValueScale.sequence(Double($0) / 8, depth: depth) + " " }.joined() + ValueScale.reset
        return "\(lowest.shortText) \(swatch) \(highest.shortText)"
    }
}
