/// Raw bytes that are sent on one connection, and all that must come of them.
struct RawExchange: Sendable, CustomStringConvertible {
    /// What becomes of the connection.
    enum Ending: Sendable {
        /// It takes another request.
        case open
        /// The server closes it, and nothing else that was sent on it is understood as a request.
        case closed
    }

    /// The behaviour.
    let name: String
    /// The section of RFC 9112, or of the RFC that is named, which asks for it or allows it.
    let section: String
    let bytes: [UInt8]
    /// The statuses of all answers, interim ones included, in order.
    let answers: [Int]
    let ending: Ending
    /// What the handler understood of each request that reached it: see ``RecordingHandler``.
    let seen: [String]
    /// Which of the answers are to HEAD.
    var toHead: Set<Int> = []
    /// Whether the client sends nothing any more, and says so.
    var finishes = false

    var description: String {
        "\(name) (\(section))"
    }

    /// A request that must not be taken for one.
    static let smuggled = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"

    /// Characters stand for the bytes of their numbers, up to U+00FF.
    static func bytes(_ text: String) -> [UInt8] {
        text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
    }

    init(_ name: String, _ section: String, _ text: String, answers: [Int], _ ending: Ending, seen: [String]) {
        self.name = name
        self.section = section
        bytes = Self.bytes(text)
        self.answers = answers
        self.ending = ending
        self.seen = seen
    }

    /// Requests that are all understood, and leave the connection open.
    static func accepted(_ name: String, _ section: String, _ text: String, _ seen: String...) -> RawExchange {
        RawExchange(name, section, text, answers: seen.map { _ in 200 }, .open, seen: seen)
    }

    /// What is refused, once, and poisons the connection: the request that is sent behind it is not understood.
    static func refused(_ name: String, _ section: String, _ text: String, _ status: Int = 400, seen: String...) -> RawExchange {
        RawExchange(name, section, text + smuggled, answers: [status], .closed, seen: seen)
    }

    /// As it is, with some of its answers to HEAD.
    func toHead(_ numbers: Int...) -> RawExchange {
        var copy = self
        copy.toHead = Set(numbers)
        return copy
    }

    /// As it is, with the client's side closed behind the bytes.
    func finishing() -> RawExchange {
        var copy = self
        copy.finishes = true
        return copy
    }

    // MARK: Requests

    /// A GET with a host and further fields.
    static func get(_ fields: String = "", target: String = "/", version: String = "1.1") -> String {
        "GET \(target) HTTP/\(version)\r\nHost: a\r\n\(fields)\r\n"
    }

    /// A POST with a host, further fields and what stands for a body.
    static func post(_ fields: String, _ body: String) -> String {
        "POST /p HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\(body)"
    }

    /// A POST whose body is said to be chunked.
    static func chunked(_ body: String) -> String {
        post("Transfer-Encoding: chunked\r\n", body)
    }
}
