@_spi(_Unicode) import Swift

/// Normalization form C (Unicode Standard Annex 15).
enum CanonicalComposition {
    /// Longer runs of marks are composed in parts: sorting them takes the square of their length, and no text has a tenth as many.
    private static let longestRun = 256

    /// A text in that form; nil where it is in it as it stands, or is not valid UTF-8.
    static func compose(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        guard text.contains(where: { $0 >= 0x80 }), let string = String(validating: text, as: UTF8.self) else { return nil }
        var composed: [UInt8] = []
        composed.reserveCapacity(text.count)
        func append(_ part: Substring.UnicodeScalarView.SubSequence) {
            for scalar in String(part)._nfc { UTF8Sequence.append(scalar, to: &composed) }
        }
        let scalars = Substring(string).unicodeScalars
        var (start, run) = (scalars.startIndex, 0)
        for index in scalars.indices {
            switch scalars[index].value < 0x300 ? .otherLetter : scalars[index].properties.generalCategory {
            case .nonspacingMark, .spacingMark, .enclosingMark: run += 1
            default: run = 0
            }
            guard run == longestRun else { continue }
            append(scalars[start..<index])
            (start, run) = (index, 0)
        }
        append(scalars[start...])
        return composed.elementsEqual(text) ? nil : composed
    }
}
