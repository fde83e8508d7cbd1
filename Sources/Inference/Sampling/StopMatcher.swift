/// Finds stop texts in text that arrives in pieces, and holds back what could still become one.
///
/// The stop text that is complete first counts, of several the one that began first: the same however the text is cut into pieces. Every byte
/// is looked at once for each stop text, so long or self-similar ones cost no more than others.
package struct StopMatcher: Sendable {
    private let stops: [String]
    private var searches: [StopSearch]
    private var held: [UInt8] = []

    /// The stop text that was found; nothing is emitted any more.
    package private(set) var found: String?

    /// Stop texts are compared as UTF-8 bytes; empty ones are ignored.
    package init(_ stops: [String]) {
        self.stops = stops.filter { !$0.utf8.isEmpty }
        searches = self.stops.map { StopSearch(Array($0.utf8)) }
    }

    /// Whether a stop text was found.
    package var hasStopped: Bool {
        found != nil
    }

    /// Takes a piece of text and returns what is now certain to come before any stop text.
    package mutating func append(_ text: String) -> String {
        guard found == nil else { return "" }
        guard !searches.isEmpty else { return text }
        for byte in text.utf8 {
            held.append(byte)
            if let stop = advance(byte) {
                found = stops[stop]
                return take(held.count - searches[stop].length)
            }
        }
        return take(held.count - searches.reduce(0) { max($0, $1.matched) })
    }

    /// What was held back: the generation ended otherwise.
    package mutating func finish() -> String {
        hasStopped ? "" : take(held.count)
    }

    /// Shows every search the byte; the longest stop text that ends with it, which is the one that began first.
    private mutating func advance(_ byte: UInt8) -> Int? {
        var longest: Int?
        for index in searches.indices where searches[index].advance(byte) {
            if longest.map({ searches[$0].length < searches[index].length }) ?? true { longest = index }
        }
        return longest
    }

    /// A stop text begins with a whole character, so the cut never splits one.
    private mutating func take(_ count: Int) -> String {
        defer { held.removeFirst(count) }
        return String(decoding: held[..<count], as: UTF8.self)
    }
}
