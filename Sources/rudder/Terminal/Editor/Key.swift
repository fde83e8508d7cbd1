/// What a person did at the keyboard, as a terminal tells it.
package enum Key: Equatable, Sendable {
    /// A character that stands for itself.
    case text(String)
    /// Text put in whole: it sends nothing, whatever it holds.
    case paste(String)
    case enter
    /// Enter together with Alt: a line break within the message.
    case newline
    case tab
    case backspace
    case delete
    case left
    case right
    case up
    case down
    case home
    case end
    case wordLeft
    case wordRight
    case deleteWordBefore
    case deleteWordAfter
    case deleteToStart
    case deleteToEnd
    case clearScreen
    /// Ctrl-C.
    case interrupt
    /// Ctrl-D.
    case endOfInput
    /// Ctrl-Z.
    case suspend
}
