import HTTPTypes

/// The id of a request: the client's, where it names a sensible one, else a new one.
enum RequestID {
    /// The field that carries it, in requests and in answers.
    static let field = HTTPField.Name("X-Request-Id")

    /// The longest id that is taken from a client, in bytes.
    private static let longest = 128

    /// The id of a request with these fields.
    static func make(_ fields: HTTPFields) -> String {
        guard let field, let given = fields[field], isSensible(given) else { return new() }
        return given
    }

    /// Whether an id may go into logs and answers as it is: printable ASCII, and not too much of it.
    private static func isSensible(_ id: String) -> Bool {
        (1...longest).contains(id.utf8.count) && id.utf8.allSatisfy { (0x20...0x7e).contains($0) }
    }

    private static func new() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<2).reduce(into: "req_") { id, _ in
            let digits = String(generator.next() as UInt64, radix: 16)
            id += String(repeating: "0", count: 16 - digits.count) + digits
        }
    }
}
