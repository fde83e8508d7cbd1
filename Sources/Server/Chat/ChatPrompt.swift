import Inference
import Tokenizers

/// Makes the prompt of a chat: the model's own template, then its tokenizer.
package enum ChatPrompt {
    /// The tokens that ask the model for the next message.
    package static func tokens(of messages: [ChatMessage], model: LoadedModel) async throws -> [Int32] {
        guard let template = model.chatTemplate else {
            throw APIError.invalid("model", "The model '\(model.id)' has no chat template; use /v1/completions.")
        }
        let text: String
        do {
            text = try template.render(messages: messages, addGenerationPrompt: true, variables: model.templateVariables)
        } catch {
            // Templates refuse what they cannot express, such as two system messages.
            throw APIError.invalid("messages", "The model's chat template does not take these messages: \(error)")
        }
        // A template that writes the beginning-of-sequence token itself must not get a second one.
        let tokenizer = model.tokenizer
        let begins = tokenizer.beginningOfSequence.map { text.utf8.starts(with: tokenizer.bytes(of: $0)) } ?? false
        return try await PromptTokens.encode(text, tokenizer: tokenizer, addBeginning: !begins)
    }
}
