import Inference
import Tokenizers

/// Makes the prompt of a chat: the model's own template, then its tokenizer.
package enum ChatPrompt {
    /// The tokens that ask the model for the next message.
    package static func tokens(of messages: [ChatMessage], model: LoadedModel) async throws -> [Int32] {
        let text = try await text(of: messages, model: model)
        return try await PromptTokens.encode(text, tokenizer: model.tokenizer, addBeginning: !model.beginsByItself(text))
    }

    /// The text that the model's template makes of messages; of long chats, off the cooperative pool.
    package static func text(of messages: [ChatMessage], model: LoadedModel) async throws -> String {
        guard messages.count > shortChat || messages.reduce(0, { $0 + $1.content.utf8.count }) > PromptTokens.shortPrompt else {
            return try render(messages, model)
        }
        return try await OffPool.run { try render(messages, model) }
    }

    private static let shortChat = 32

    private static func render(_ messages: [ChatMessage], _ model: LoadedModel) throws(APIError) -> String {
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
