import Server

/// What was said so far.
package struct Conversation: Equatable, Sendable {
    /// The system message; nil: none.
    package var system: String?
    /// What user and assistant said, in turn.
    package private(set) var turns: [ChatTurn] = []

    package init(system: String? = nil) {
        self.system = system
    }

    package var isEmpty: Bool { turns.isEmpty }

    package mutating func append(_ turn: ChatTurn) {
        turns.append(turn)
    }

    /// Takes the last message of the user back, and what was answered.
    ///
    /// - Returns: the message; nil where there is none.
    @discardableResult
    package mutating func undo() -> String? {
        guard let place = turns.lastIndex(where: { $0.role == .user }) else { return nil }
        let message = turns[place].content
        turns.removeSubrange(place...)
        return message
    }

    package mutating func clear() {
        turns = []
    }

    /// All messages, the system's first.
    package var messages: [ChatTurn] {
        (system.map { [ChatTurn(.system, $0)] } ?? []) + turns
    }

    /// The messages as a request has them.
    package var json: JSONValue {
        .array(messages.map(Self.json))
    }

    /// The messages as JSON lines.
    package var lines: [UInt8] {
        messages.flatMap { turn in
            var writer = JSONWriter()
            writer.value(Self.json(turn))
            return writer.bytes + [UInt8(ascii: "\n")]
        }
    }

    private static func json(_ turn: ChatTurn) -> JSONValue {
        .object([JSONKey("role"): .string(turn.role.rawValue), JSONKey("content"): .string(turn.content)])
    }
}
