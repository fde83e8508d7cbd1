import Tokenizers

/// What a model is asked to answer: a chat, whose last message is the user's, or a text to continue.
public struct Prompt: Sendable, Equatable {
    /// What a file of prompts is like, for its errors.
    static let fileForm = "--prompts takes a file with a line {\"prompt\": \"…\"} for each"

    /// Names the prompt, within its file.
    public let id: String
    /// The messages of a chat, or one of role `user` that holds the text.
    public let messages: [ChatMessage]

    /// A chat.
    public init(id: String, messages: [ChatMessage]) {
        self.id = id
        self.messages = messages
    }

    /// A text.
    public init(id: String, text: String) {
        self.init(id: id, messages: [ChatMessage(role: "user", content: text)])
    }

    /// What the last message says: all there is, where the prompt is a text.
    public var text: String {
        messages.last?.content ?? ""
    }

    /// The prompt, under that name if it has none.
    func named(_ name: String) -> Prompt {
        id.isEmpty ? Prompt(id: name, messages: messages) : self
    }

    /// The prompt with a system message before it, in place of one that it has.
    public func with(system: String) -> Prompt {
        Prompt(id: id, messages: [ChatMessage(role: "system", content: system)] + messages.filter { $0.role != "system" })
    }
}
