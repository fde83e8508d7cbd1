/// Who says a message.
package enum ChatRole: String, Sendable {
    case system
    case user
    case assistant
}
