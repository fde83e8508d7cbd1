/// GPT-2's spelling of bytes as printable characters: 0x20 is written Ġ. Printable Latin-1 stands for itself, the rest is shifted to U+0100 and up.
struct ByteAlphabet {
    /// How each byte is spelled, in UTF-8.
    let spellings: [[UInt8]]
    /// The byte that each scalar below U+0180 stands for, or -1.
    private let bytes: [Int16]

    init() {
        var (spellings, bytes): ([[UInt8]], [Int16]) = ([], [Int16](repeating: -1, count: 0x180))
        var shifted = 0x100
        for byte in 0...255 {
            var scalar = byte
            if !(0x21...0x7e).contains(byte) && !(0xa1...0xac).contains(byte) && !(0xae...0xff).contains(byte) {
                scalar = shifted
                shifted += 1
            }
            bytes[scalar] = Int16(byte)
            spellings.append(scalar < 0x80 ? [UInt8(scalar)] : [UInt8(0xc0 | scalar >> 6), UInt8(0x80 | scalar & 0x3f)])
        }
        self.spellings = spellings
        self.bytes = bytes
    }

    /// Appends the bytes that a spelling stands for; false, and nothing appended, where it holds a character that stands for none.
    func decode(_ spelling: [UInt8], into result: inout [UInt8]) -> Bool {
        let start = result.count
        var index = 0
        while index < spelling.count {
            let first = spelling[index]
            var scalar = Int(first)
            if first >= 0x80 {
                // Every character of the alphabet takes at most two bytes.
                let isPair = first & 0xe0 == 0xc0 && index + 1 < spelling.count && spelling[index + 1] & 0xc0 == 0x80
                scalar = isPair ? Int(first & 0x1f) << 6 | Int(spelling[index + 1] & 0x3f) : .max
                index += 1
            }
            guard scalar < bytes.count, bytes[scalar] >= 0 else {
                result.removeLast(result.count - start)
                return false
            }
            result.append(UInt8(truncatingIfNeeded: bytes[scalar]))
            index += 1
        }
        return true
    }
}
