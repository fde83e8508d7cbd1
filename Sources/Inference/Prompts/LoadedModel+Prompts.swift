import Tokenizers

extension LoadedModel {
    /// The text that asks the model for the next message of a chat, as its template writes it.
    ///
    /// - Throws: ``PromptError``
    public func promptText(of messages: [ChatMessage]) throws(PromptError) -> String {
        guard let chatTemplate else { throw .noChatTemplate(model: id) }
        do throws(TemplateError) {
            return try chatTemplate.render(messages: messages, addGenerationPrompt: true, variables: templateVariables)
        } catch {
            throw .refusedMessages(error)
        }
    }

    /// The tokens that ask the model for the next message of a chat: ``promptText(of:)``, encoded.
    ///
    /// - Throws: ``PromptError``
    public func promptTokens(of messages: [ChatMessage]) throws(PromptError) -> [Int32] {
        let text = try promptText(of: messages)
        return tokenizer.encode(text, parseSpecial: true, addBeginning: !beginsByItself(text))
    }

    /// Whether a rendered prompt has the beginning-of-sequence token already: it must not get a second one.
    public func beginsByItself(_ text: String) -> Bool {
        tokenizer.beginningOfSequence.map { text.utf8.starts(with: tokenizer.bytes(of: $0)) } ?? false
    }
}
