/// SentencePiece's spelling of spaces as ▁ (U+2581).
enum SpaceSpelling {
    /// ▁ in UTF-8.
    static let bytes: [UInt8] = [0xe2, 0x96, 0x81]

    /// A text with its spaces as ▁.
    static func spell(_ text: ArraySlice<UInt8>, withPrefix: Bool) -> [UInt8] {
        var spelled: [UInt8] = withPrefix ? bytes : []
        spelled.reserveCapacity(text.count + text.count / 2 + 3)
        for byte in text { if byte == 0x20 { spelled += bytes } else { spelled.append(byte) } }
        return spelled
    }

    /// Appends a text with its ▁ as spaces.
    static func unspell(_ text: some Collection<UInt8>, into result: inout [UInt8]) {
        var rest = text[...]
        while let byte = rest.first {
            if byte == bytes[0], rest.starts(with: bytes) {
                result.append(0x20)
                rest = rest.dropFirst(bytes.count)
            } else {
                result.append(byte)
                rest = rest.dropFirst()
            }
        }
    }
}
