/// The lines entered before, and which of them is looked at.
package struct LineHistory: Equatable, Sendable {
    /// So many are kept.
    package static let capacity = 1000

    /// Oldest first.
    package private(set) var lines: [String]
    /// Which one is looked at; as many as there are: none, but the line being written.
    private var place: Int
    /// The line being written, while another one is looked at.
    private var draft = ""

    package init(_ lines: [String] = []) {
        self.lines = Array(lines.suffix(Self.capacity))
        place = self.lines.count
    }

    /// Takes a line that was entered. The same one twice in a row is kept once.
    ///
    /// - Returns: whether it is new.
    package mutating func append(_ line: String) -> Bool {
        defer { place = lines.count }
        guard !line.isEmpty, lines.last.map({ !$0.utf8.elementsEqual(line.utf8) }) ?? true else { return false }
        lines.append(line)
        if lines.count > Self.capacity { lines.removeFirst() }
        return true
    }

    /// The line before the one that is looked at; nil at the oldest.
    ///
    /// - Parameter current: what is being written now.
    package mutating func older(_ current: String) -> String? {
        guard place > 0 else { return nil }
        if place == lines.count { draft = current }
        place -= 1
        return lines[place]
    }

    /// The line after the one that is looked at, at last the one being written; nil where that is looked at already.
    package mutating func newer() -> String? {
        guard place < lines.count else { return nil }
        place += 1
        return place == lines.count ? draft : lines[place]
    }

    /// Looks at the line being written again.
    package mutating func rewind() {
        place = lines.count
    }
}
