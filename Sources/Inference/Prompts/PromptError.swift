import Tokenizers

/// Why messages are no prompt of a model.
public enum PromptError: Error, Sendable, CustomStringConvertible {
    /// The model's file has no chat template.
    case noChatTemplate(model: String)
    /// The template cannot express them, such as two system messages.
    case refusedMessages(TemplateError)

    /// One sentence.
    public var description: String {
        switch self {
        case .noChatTemplate(let model): "the model '\(model)' has no chat template"
        case .refusedMessages(let error): "the model's chat template does not take these messages: \(error)"
        }
    }
}
