import Tokenizers

/// As a line of JSON has it: `{"prompt": "…"}` or `{"messages": [{"role", "content"}, …]}`, each with an `id` if it likes, or a pair of answers as
/// HH-RLHF has them, whose prompt is the dialogue before the answer that differs.
extension Prompt: Codable {
    private enum Key: String, CodingKey {
        case id, prompt, messages, chosen
    }

    private struct Message: Codable {
        let role: String
        let content: String
    }

    /// Reads a prompt; one without `id` gets an empty one.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        let id = try Self.identifier(container)
        if let messages = try container.decodeIfPresent([Message].self, forKey: .messages) {
            guard !messages.isEmpty else {
                throw DecodingError.dataCorruptedError(forKey: .messages, in: container, debugDescription: "'messages' is empty")
            }
            self.init(id: id, messages: messages.map { ChatMessage(role: $0.role, content: $0.content) })
        } else if let text = try container.decodeIfPresent(String.self, forKey: .prompt) {
            self.init(id: id, text: text)
        } else if let dialogue = try container.decodeIfPresent(String.self, forKey: .chosen) {
            guard let (messages, _) = DialogueText.split(dialogue) else {
                throw DecodingError.dataCorruptedError(
                    forKey: .chosen,
                    in: container,
                    debugDescription: "'chosen' must be a dialogue of \\n\\nHuman: and \\n\\nAssistant: turns that ends with the latter"
                )
            }
            self.init(id: id, messages: messages)
        } else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "there must be one of 'prompt', 'messages' and 'chosen'")
            )
        }
    }

    /// Writes a lone user's message as `prompt`, everything else as `messages`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(id, forKey: .id)
        if messages.count == 1, messages[0].role == "user" {
            try container.encode(text, forKey: .prompt)
        } else {
            try container.encode(messages.map { Message(role: $0.role, content: $0.content) }, forKey: .messages)
        }
    }

    private static func identifier(_ container: KeyedDecodingContainer<Key>) throws -> String {
        if let number = try? container.decodeIfPresent(Int.self, forKey: .id) { return "\(number)" }
        return try container.decodeIfPresent(String.self, forKey: .id) ?? ""
    }
}
