/// An answer to be judged.
public struct RewardItem: Sendable, Encodable, Equatable {
    /// Names it in errors, and to whoever judges: the number of its record, from 0.
    public let index: Int
    /// What was asked.
    public let prompt: Prompt
    /// What was answered.
    public let response: String

    /// Describes an answer.
    public init(index: Int, prompt: Prompt, response: String) {
        self.index = index
        self.prompt = prompt
        self.response = response
    }

    private enum CodingKeys: String, CodingKey {
        case index, id, prompt, messages, response
    }

    private struct Message: Encodable {
        let role: String
        let content: String
    }

    /// `{"index", "id", "prompt", "response"}`, `prompt` being what the user said last, and `messages` where that was not all.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(index, forKey: .index)
        try container.encode(prompt.id, forKey: .id)
        try container.encode(prompt.text, forKey: .prompt)
        try container.encode(response, forKey: .response)
        guard prompt.messages.count > 1 else { return }
        try container.encode(prompt.messages.map { Message(role: $0.role, content: $0.content) }, forKey: .messages)
    }
}
