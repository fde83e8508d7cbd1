/// GPT-2's spelling of bytes as printable characters: 0x20 is written Ġ. Printable Latin-1 stands for itself, the rest is shifted to U+0100 and up.
struct ByteAlphabet {
    /// The scalar that stands for each byte.
    let scalars: [UInt32]
    private var bytes: [UInt32: UInt8] = [:]

    init() {
        var scalars: [UInt32] = []
        var shifted: UInt32 = 0x100
        for byte in UInt32(0)...255 {
            if (0x21...0x7e).contains(byte) || (0xa1...0xac).contains(byte) || (0xae...0xff).contains(byte) {
                scalars.append(byte)
            } else {
                scalars.append(shifted)
                shifted += 1
            }
        }
        self.scalars = scalars
        for (byte, scalar) in scalars.enumerated() { bytes[scalar] = UInt8(byte) }
    }

    /// How the file spells one byte.
    func spelling(of byte: UInt8) -> [UInt8] {
        Unicode.Scalar(scalars[Int(byte)]).map { Array(String(Character($0)).utf8) } ?? []
    }

    /// The bytes that a spelling stands for; nil where it holds a character that stands for none.
    func decode(_ spelling: [UInt8]) -> [UInt8]? {
        var result: [UInt8] = []
        result.reserveCapacity(spelling.count)
        var index = 0
        while index < spelling.count {
            let first = spelling[index]
            var scalar = UInt32(first)
            if first >= 0x80 {
                // Every character of the alphabet takes at most two bytes.
                guard first & 0xe0 == 0xc0, index + 1 < spelling.count else { return nil }
                scalar = UInt32(first & 0x1f) << 6 | UInt32(spelling[index + 1] & 0x3f)
                index += 1
            }
            guard let byte = bytes[scalar] else { return nil }
            result.append(byte)
            index += 1
        }
        return result
    }
}
