import Foundation

/// Text that is shown on a terminal.
package enum TerminalText {
    /// Without what would control the terminal: all control characters but line feeds and tabs.
    package static func harmless(_ text: String) -> String {
        func isControl(_ scalar: Unicode.Scalar) -> Bool {
            scalar.properties.generalCategory == .control && scalar != "\n" && scalar != "\t"
        }
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.filter { !isControl($0) }))
    }
}

extension Float {
    /// Three digits behind the point.
    package var shortText: String { String(format: "%.3f", Double(self)) }
}
