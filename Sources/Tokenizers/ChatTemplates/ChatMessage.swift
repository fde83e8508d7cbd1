/// One message of a chat.
public struct ChatMessage: Sendable, Equatable {
    /// Who speaks: `system`, `user`, `assistant` or what else a template knows.
    public let role: String
    /// What is said.
    public let content: String

    /// Makes a message.
    public init(role: String, content: String) {
        self.role = role
        self.content = content
    }
}
