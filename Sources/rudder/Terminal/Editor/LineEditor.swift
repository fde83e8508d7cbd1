/// A line editor as a machine: keys go in, what is to be done comes out. It touches no terminal.
package struct LineEditor: Sendable {
    /// What follows from a key.
    package enum Effect: Equatable, Sendable {
        /// The line is to be drawn anew.
        case redraw
        /// The screen is to be emptied, and the line drawn at its top.
        case clearScreen
        /// Nothing changed.
        case nothing
        /// The line was entered.
        case entered(String)
        /// Ctrl-C: the line was given up. Whether it was empty, as the one before was.
        case cancelled(again: Bool)
        /// Ctrl-D on an empty line.
        case ended
        /// The program is to be suspended.
        case suspend
        /// Several words could follow.
        case candidates([String])
    }

    package private(set) var buffer = LineBuffer()
    package private(set) var history: LineHistory
    /// Whether the last thing that happened was Ctrl-C on an empty line.
    private var wasCancelled = false

    package init(history: LineHistory = LineHistory()) {
        self.history = history
    }

    /// Takes a key.
    ///
    /// - Parameter completions: what the text before the cursor could become, each whole.
    package mutating func take(_ key: Key, completions: (String) -> [String] = { _ in [] }) -> Effect {
        defer { if key != .interrupt { wasCancelled = false } }
        let before = buffer
        switch key {
        case .text(let text), .paste(let text): buffer.insert(text)
        case .newline: buffer.insert("\n")
        case .enter: return enter()
        case .tab: return complete(completions(buffer.textBeforeCursor))
        case .backspace: buffer.deleteBefore()
        case .delete: buffer.deleteAfter()
        case .left: buffer.move(by: -1)
        case .right: buffer.move(by: 1)
        case .up: if !buffer.moveLine(down: false), let line = history.older(buffer.text) { buffer = LineBuffer(line) }
        case .down: if !buffer.moveLine(down: true), let line = history.newer() { buffer = LineBuffer(line) }
        case .home: buffer.moveToLineStart()
        case .end: buffer.moveToLineEnd()
        case .wordLeft: buffer.moveWordLeft()
        case .wordRight: buffer.moveWordRight()
        case .deleteWordBefore: buffer.deleteWordBefore()
        case .deleteWordAfter: buffer.deleteWordAfter()
        case .deleteToStart: buffer.deleteToLineStart()
        case .deleteToEnd: buffer.deleteToLineEnd()
        case .clearScreen: return .clearScreen
        case .interrupt: return cancel()
        case .endOfInput:
            if buffer.isEmpty { return .ended }
            buffer.deleteAfter()
        case .suspend: return .suspend
        }
        return buffer == before ? .nothing : .redraw
    }

    private mutating func enter() -> Effect {
        let text = buffer.text
        buffer = LineBuffer()
        history.rewind()
        return .entered(text)
    }

    /// Puts a line that was entered into the history.
    ///
    /// - Returns: whether it is new.
    package mutating func remember(_ line: String) -> Bool {
        history.append(line)
    }

    private mutating func cancel() -> Effect {
        let again = buffer.isEmpty && wasCancelled
        wasCancelled = buffer.isEmpty
        buffer = LineBuffer()
        history.rewind()
        return .cancelled(again: again)
    }

    /// Goes on as far as all candidates agree.
    private mutating func complete(_ candidates: [String]) -> Effect {
        guard let first = candidates.first else { return .nothing }
        let before = buffer.textBeforeCursor
        let common = candidates.dropFirst().reduce(first) { $0.commonPrefix(with: $1) }
        let isOnly = candidates.count == 1
        guard common.hasPrefix(before), common.count > before.count || isOnly else { return .candidates(candidates) }
        let addition = String(common.dropFirst(before.count)) + (isOnly ? " " : "")
        buffer.insert(addition)
        return .redraw
    }
}
