/// Finds stop texts in text that arrives in pieces, and holds back what could still become one.
package struct StopMatcher: Sendable {
    private let stops: [[UInt8]]
    private var held: [UInt8] = []

    /// Whether a stop text was found; nothing is emitted any more.
    package private(set) var hasStopped = false

    /// Stop texts are compared as UTF-8 bytes; empty ones are ignored.
    package init(_ stops: [String]) {
        self.stops = stops.map { Array($0.utf8) }.filter { !$0.isEmpty }
    }

    /// Takes a piece of text and returns what is now certain to come before any stop text.
    package mutating func append(_ text: String) -> String {
        guard !hasStopped else { return "" }
        guard !stops.isEmpty else { return text }
        held += text.utf8
        for start in held.indices where stops.contains(where: { held[start...].starts(with: $0) }) {
            hasStopped = true
            return take(start)
        }
        let beginning = held.indices.first { start in
            stops.contains { $0.count > held.count - start && $0.starts(with: held[start...]) }
        }
        return take(beginning ?? held.count)
    }

    /// What was held back: the generation ended otherwise.
    package mutating func finish() -> String {
        hasStopped ? "" : take(held.count)
    }

    /// A stop text begins with a whole character, so the cut never splits one.
    private mutating func take(_ count: Int) -> String {
        defer { held.removeFirst(count) }
        return String(decoding: held[..<count], as: UTF8.self)
    }
}
