import Foundation

/// Text that is shown on a terminal.
package enum TerminalText {
    /// Without what would control the terminal: all control characters but line feeds and tabs, and those that turn the direction of what follows.
    package static func harmless(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.filter { !isControl($0) }))
    }

    /// The same in one line: a line feed or tab is a space.
    package static func line(_ text: String) -> String {
        let text = harmless(text)
        guard text.unicodeScalars.contains(where: { $0 == "\n" || $0 == "\t" }) else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.map { $0 == "\n" || $0 == "\t" ? " " : $0 }))
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0a, 0x09: false
        // Embeddings, overrides and isolates of bidirectional text, which would show what follows in another order.
        case 0x202a...0x202e, 0x2066...0x2069: true
        default: scalar.properties.generalCategory == .control
        }
    }
}

extension Float {
    /// Three digits behind the point.
    package var shortText: String { String(format: "%.3f", Double(self)) }
}
