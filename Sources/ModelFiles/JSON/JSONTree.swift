/// A JSON text, read whole, as small configuration files and large vocabularies are read. Objects keep their order.
public enum JSONTree: Sendable, Equatable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSONTree])
    case object([Member])

    /// A member of an object.
    public struct Member: Sendable, Equatable {
        /// Its name.
        public let name: String
        /// Its value.
        public let value: JSONTree
    }

    /// Larger files are refused: the largest vocabularies take a quarter of it.
    public static let maximumSize = 1 << 27
    /// Values nested deeper are refused.
    public static let maximumDepth = 64

    /// Reads a file of JSON.
    ///
    /// - Throws: ``ModelFileError``: the file cannot be read, or is no JSON.
    public init(path: String) throws(ModelFileError) {
        let file = try MappedFile(path: path)
        guard file.bytes.count <= Self.maximumSize else {
            throw .tooLarge(what: "the size of \(path.quoted)", value: UInt64(file.bytes.count), limit: UInt64(Self.maximumSize))
        }
        var scanner = JSONScanner(file.bytes, what: path.quoted)
        self = try withExtendedLifetime(file) { () throws(ModelFileError) in try Self.read(&scanner, depth: 0) }
        try scanner.end()
        try file.checkUnchanged()
    }

    private static func read(_ scanner: inout JSONScanner, depth: Int) throws(ModelFileError) -> JSONTree {
        guard depth < maximumDepth else { throw scanner.failure("at most \(maximumDepth) levels") }
        switch scanner.peek() {
        case UInt8(ascii: "{"):
            var members: [Member] = []
            try scanner.object { scanner, name throws(ModelFileError) in
                members.append(Member(name: name, value: try read(&scanner, depth: depth + 1)))
            }
            return .object(members)
        case UInt8(ascii: "["):
            var values: [JSONTree] = []
            try scanner.array { scanner throws(ModelFileError) in values.append(try read(&scanner, depth: depth + 1)) }
            return .array(values)
        case UInt8(ascii: "\""): return .string(try scanner.string())
        case UInt8(ascii: "t") where scanner.take(word: "true"): return .bool(true)
        case UInt8(ascii: "f") where scanner.take(word: "false"): return .bool(false)
        case UInt8(ascii: "n") where scanner.take(word: "null"): return .null
        default: return .number(try scanner.number())
        }
    }

    /// The member of that name, by its bytes, the last where there are several; nil where there is none, it is null, or this is no object.
    public subscript(_ name: String) -> JSONTree? {
        guard case .object(let members) = self else { return nil }
        let found = members.last { $0.name.utf8.elementsEqual(name.utf8) }?.value
        return found == .null ? nil : found
    }

    /// The text of a string.
    public var string: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// The text of a string that is compared with words, cut where it is longer than any.
    package var word: String? {
        string?.word
    }

    /// A truth value.
    public var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// A number.
    public var number: Double? {
        if case .number(let value) = self { value } else { nil }
    }

    /// A whole number that a double holds exactly.
    public var integer: Int? {
        number.flatMap { abs($0) <= 9_007_199_254_740_992 ? Int(exactly: $0) : nil }
    }

    /// The values of an array.
    public var array: [JSONTree]? {
        if case .array(let values) = self { values } else { nil }
    }

    /// The members of an object.
    public var members: [Member]? {
        if case .object(let members) = self { members } else { nil }
    }

    /// What kind of value this is, for errors.
    public var kind: String {
        switch self {
        case .null: "null"
        case .bool: "a truth value"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}
