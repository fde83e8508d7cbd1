/// One message of a conversation.
package struct ChatTurn: Equatable, Sendable {
    package let role: ChatRole
    package let content: String

    package init(_ role: ChatRole, _ content: String) {
        self.role = role
        self.content = content
    }
}
