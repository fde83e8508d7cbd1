/// A line being written, with a place in it. Places are between characters as people see them.
package struct LineBuffer: Equatable, Sendable {
    private var characters: [Character] = []
    /// How many characters are before the cursor.
    package private(set) var cursor = 0

    package init(_ text: String = "") {
        characters = Array(text)
        cursor = characters.count
    }

    /// The whole.
    package var text: String { String(characters) }

    /// What is before the cursor.
    package var textBeforeCursor: String { String(characters[..<cursor]) }

    package var isEmpty: Bool { characters.isEmpty }

    /// How many characters there are.
    package var count: Int { characters.count }

    /// Puts text in at the cursor. A mark joins the character it belongs to.
    package mutating func insert(_ text: String) {
        let head = String(characters[..<cursor]) + text
        characters = Array(head + String(characters[cursor...]))
        cursor = min(head.count, characters.count)
    }

    package mutating func move(by distance: Int) {
        cursor = min(max(0, cursor + distance), characters.count)
    }

    /// To the beginning of the line that the cursor is in.
    package mutating func moveToLineStart() {
        cursor = lineStart
    }

    /// To the end of the line that the cursor is in.
    package mutating func moveToLineEnd() {
        cursor = lineEnd
    }

    package mutating func moveWordLeft() {
        cursor = wordStart
    }

    package mutating func moveWordRight() {
        cursor = wordEnd
    }

    package mutating func deleteBefore() {
        remove(max(0, cursor - 1)..<cursor)
    }

    package mutating func deleteAfter() {
        remove(cursor..<min(cursor + 1, characters.count))
    }

    package mutating func deleteWordBefore() {
        remove(wordStart..<cursor)
    }

    package mutating func deleteWordAfter() {
        remove(cursor..<wordEnd)
    }

    package mutating func deleteToLineStart() {
        remove(lineStart..<cursor)
    }

    /// At a line's end it removes the line break.
    package mutating func deleteToLineEnd() {
        remove(cursor..<(lineEnd == cursor ? min(cursor + 1, characters.count) : lineEnd))
    }

    /// Moves to the line above or below, to the same place in it or its end.
    ///
    /// - Returns: whether there is one.
    package mutating func moveLine(down: Bool) -> Bool {
        let column = cursor - lineStart
        if down {
            guard lineEnd < characters.count else { return false }
            cursor = lineEnd + 1
        } else {
            guard lineStart > 0 else { return false }
            cursor = lineStart - 1
            cursor = lineStart
        }
        cursor = min(cursor + column, lineEnd)
        return true
    }

    /// Takes characters away. What meets then may be one character, as where a mark follows.
    private mutating func remove(_ range: Range<Int>) {
        let head = String(characters[..<range.lowerBound])
        characters = Array(head + String(characters[range.upperBound...]))
        cursor = min(range.lowerBound, characters.count)
    }

    private var lineStart: Int { (characters[..<cursor].lastIndex(of: "\n") ?? -1) + 1 }

    private var lineEnd: Int { characters[cursor...].firstIndex(of: "\n") ?? characters.count }

    private var wordStart: Int {
        var place = cursor
        while place > 0, !Self.isWord(characters[place - 1]) { place -= 1 }
        while place > 0, Self.isWord(characters[place - 1]) { place -= 1 }
        return place
    }

    private var wordEnd: Int {
        var place = cursor
        while place < characters.count, !Self.isWord(characters[place]) { place += 1 }
        while place < characters.count, Self.isWord(characters[place]) { place += 1 }
        return place
    }

    private static func isWord(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || character == "_"
    }
}
