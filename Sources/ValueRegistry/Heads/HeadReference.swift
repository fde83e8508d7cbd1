/// A head by its name, and perhaps a version: `positivity`, `positivity@3`.
public struct HeadReference: Sendable, Hashable, CustomStringConvertible {
    /// The name: `[A-Za-z0-9][A-Za-z0-9._-]{0,63}`.
    public let name: String
    /// The version, from 1 on; nil for the newest.
    public let version: Int?

    /// Names a head whose name was checked before.
    public init(name: String, version: Int?) {
        self.name = name
        self.version = version
    }

    /// Reads a reference.
    ///
    /// - Throws: ``HeadReferenceError``
    public init(parsing text: String) throws(HeadReferenceError) {
        let parts = text.utf8.split(separator: UInt8(ascii: "@"), maxSplits: 1, omittingEmptySubsequences: false).map { Substring($0) }
        let name = String(parts[0])
        guard Self.isName(name) else { throw .badName(name) }
        self.name = name
        guard parts.count > 1 else {
            version = nil
            return
        }
        let digits = parts[1]
        guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(digits), number > 0 else {
            throw .badVersion(String(digits))
        }
        version = number
    }

    /// Whether a text can be a head's name. Such a name is also a safe file name.
    public static func isName(_ text: String) -> Bool {
        func isAlphanumeric(_ byte: UInt8) -> Bool {
            (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
        }
        guard let first = text.utf8.first, isAlphanumeric(first), text.utf8.count <= 64 else { return false }
        return text.utf8.allSatisfy { isAlphanumeric($0) || "._-".utf8.contains($0) }
    }

    /// `name` or `name@version`.
    public var description: String {
        version.map { "\(name)@\($0)" } ?? name
    }
}
