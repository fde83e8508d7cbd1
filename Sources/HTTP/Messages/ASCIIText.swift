/// Comparisons of protocol words, byte by byte: Swift's own take a Kelvin sign for a K, and a proxy in front does not.
enum ASCIIText {
    /// Whether two texts are the same but for the case of the letters A to Z.
    static func isEqual(_ text: some StringProtocol, _ word: StaticString) -> Bool {
        text.utf8.count == word.utf8CodeUnitCount
            && word.withUTF8Buffer { word in zip(text.utf8, word).allSatisfy { lowercase($0) == lowercase($1) } }
    }

    /// Whether a text begins with a word, but for the case of the letters A to Z.
    static func hasPrefix(_ text: some StringProtocol, _ word: StaticString) -> Bool {
        text.utf8.count >= word.utf8CodeUnitCount
            && word.withUTF8Buffer { word in zip(text.utf8, word).allSatisfy { lowercase($0) == lowercase($1) } }
    }

    /// The members of a comma-separated list (RFC 9110 section 5.6.1), without the white space around them, empty ones included.
    static func members(of list: String) -> [Substring] {
        list.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).map { member in
            let start = member.firstIndex { !isSpace($0) } ?? member.endIndex
            let end = member.lastIndex { !isSpace($0) }.map { member.index(after: $0) } ?? start
            return Substring(member[start..<end])
        }
    }

    private static func lowercase(_ byte: UInt8) -> UInt8 {
        (0x41...0x5a).contains(byte) ? byte | 0x20 : byte
    }

    /// Whether a byte may be part of a token (RFC 9110 section 5.6.2).
    static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }

    /// Whether a byte is optional white space (RFC 9110 section 5.6.3).
    static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09
    }
}
