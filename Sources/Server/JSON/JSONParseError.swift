/// Why some bytes are not a JSON document this server reads.
package enum JSONParseError: Error, Equatable, CustomStringConvertible {
    /// The document ends inside a value.
    case unexpectedEnd
    /// A byte that cannot stand where it stands.
    case unexpectedByte(UInt8, offset: Int, expected: String)
    /// Arrays and objects nested deeper than the bound.
    case tooDeep(limit: Int)
    /// A string that is not UTF-8, or holds half of a surrogate pair.
    case invalidString(offset: Int)

    package var description: String {
        switch self {
        case .unexpectedEnd:
            "the document ends too early"
        case .unexpectedByte(let byte, let offset, let expected):
            "found \(Self.name(byte)) at byte \(offset), expected \(expected)"
        case .tooDeep(let limit):
            "arrays and objects are nested deeper than \(limit)"
        case .invalidString(let offset):
            "the string at byte \(offset) is not valid Unicode"
        }
    }

    private static func name(_ byte: UInt8) -> String {
        byte > 0x20 && byte < 0x7F ? "'\(Character(UnicodeScalar(byte)))'" : "byte \(byte)"
    }
}
