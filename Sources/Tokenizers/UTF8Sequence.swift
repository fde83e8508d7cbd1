/// The structure of UTF-8 (RFC 3629).
enum UTF8Sequence {
    /// The length of the well-formed sequence that starts at `index`; nil where none does, or it is cut short.
    static func length(at index: Int, in bytes: ArraySlice<UInt8>) -> Int? {
        guard let length = expectedLength(bytes[index]), index + length <= bytes.endIndex else { return nil }
        return isPrefix(bytes[index..<index + length]) ? length : nil
    }

    /// The scalar of a well-formed sequence.
    static func scalar(_ bytes: ArraySlice<UInt8>) -> Unicode.Scalar? {
        String(validating: bytes, as: UTF8.self)?.unicodeScalars.first
    }

    /// How many bytes at the end may be the beginning of a character that is still to come, 0 to 3.
    static func incompleteSuffix(_ bytes: [UInt8]) -> Int {
        for count in 1...3 where count <= bytes.count {
            let start = bytes.count - count
            guard let length = expectedLength(bytes[start]) else { continue }
            return length > count && isPrefix(bytes[start...]) ? count : 0
        }
        return 0
    }

    /// The length that a first byte announces; nil for a byte that starts nothing.
    private static func expectedLength(_ byte: UInt8) -> Int? {
        switch byte {
        case 0x00...0x7f: 1
        case 0xc2...0xdf: 2
        case 0xe0...0xef: 3
        case 0xf0...0xf4: 4
        default: nil
        }
    }

    /// Whether bytes from a first byte on can be the beginning of a character, or a whole one.
    private static func isPrefix(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard let first = bytes.first else { return false }
        for (index, byte) in bytes.dropFirst().enumerated() {
            let range: ClosedRange<UInt8> =
                switch (index, first) {
                case (0, 0xe0): 0xa0...0xbf
                case (0, 0xed): 0x80...0x9f
                case (0, 0xf0): 0x90...0xbf
                case (0, 0xf4): 0x80...0x8f
                default: 0x80...0xbf
                }
            guard range.contains(byte) else { return false }
        }
        return true
    }
}
