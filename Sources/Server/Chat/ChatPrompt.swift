import Inference
import Tokenizers

/// Makes the prompt of a chat: the model's own template, then its tokenizer.
package enum ChatPrompt {
    /// The tokens that ask the model for the next message.
    package static func tokens(of messages: [ChatMessage], model: LoadedModel) async throws -> [Int32] {
        let text = try text(of: messages, model: model)
        return try await PromptTokens.encode(text, tokenizer: model.tokenizer, addBeginning: !model.beginsByItself(text))
    }

    /// The text that the model's template makes of messages.
    package static func text(of messages: [ChatMessage], model: LoadedModel) throws(APIError) -> String {
        do throws(PromptError) {
            return try model.promptText(of: messages)
        } catch {
            switch error {
            case .noChatTemplate: throw APIError.invalid("model", "The model '\(model.id)' has no chat template; use /v1/completions.")
            case .refusedMessages(let error):
                throw APIError.invalid("messages", "The model's chat template does not take these messages: \(error)")
            }
        }
    }
}
