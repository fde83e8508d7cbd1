/// The structure of UTF-8 (RFC 3629, section 4).
enum UTF8Sequence {
    /// The scalar at an offset and the number of its bytes; nil where no well-formed sequence starts there and ends before `limit`.
    static func decode(_ bytes: [UInt8], at index: Int, limit: Int) -> (value: UInt32, length: Int)? {
        let first = bytes[index]
        guard let length = expectedLength(first), limit - index >= length else { return nil }
        var value = UInt32(first)
        if length > 1 {
            value &= 0x7f >> UInt32(length)
            for offset in 1..<length {
                let byte = bytes[index + offset]
                guard continuation(after: first, offset: offset).contains(byte) else { return nil }
                value = value << 6 | UInt32(byte & 0x3f)
            }
        }
        return (value, length)
    }

    /// How many bytes at the end may be the beginning of a character that is still to come, 0 to 3.
    static func incompleteSuffix(_ bytes: [UInt8]) -> Int {
        for count in 1...3 where count <= bytes.count {
            let start = bytes.count - count
            guard let length = expectedLength(bytes[start]) else { continue }
            guard length > count else { return 0 }
            let isBeginning = (1..<count).allSatisfy { continuation(after: bytes[start], offset: $0).contains(bytes[start + $0]) }
            return isBeginning ? count : 0
        }
        return 0
    }

    /// Appends the bytes of a scalar.
    static func append(_ scalar: Unicode.Scalar, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
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

    /// What may follow: the second byte is narrower after some first ones (no overlong forms, surrogates or numbers above U+10FFFF).
    private static func continuation(after first: UInt8, offset: Int) -> ClosedRange<UInt8> {
        switch (first, offset) {
        case (0xe0, 1): 0xa0...0xbf
        case (0xed, 1): 0x80...0x9f
        case (0xf0, 1): 0x90...0xbf
        case (0xf4, 1): 0x80...0x8f
        default: 0x80...0xbf
        }
    }
}
