import Inference
import Tokenizers

/// Makes tokens of prompts, and of answers to them.
public struct PromptEncoder: Sendable {
    private let model: LoadedModel
    /// Whether prompts are continued as they are, without the model's chat template.
    public let isRaw: Bool

    /// Encodes for a model. One without chat template continues texts, whatever `isRaw` says.
    public init(model: LoadedModel, isRaw: Bool) {
        self.model = model
        self.isRaw = isRaw || model.chatTemplate == nil
    }

    /// The tokens that ask for an answer.
    ///
    /// - Throws: `PromptError`
    public func tokens(of prompt: Prompt) throws(PromptError) -> [Int32] {
        guard isRaw else { return try model.promptTokens(of: prompt.messages) }
        let text = prompt.messages.map(\.content).joined(separator: "\n\n")
        return model.tokenizer.encode(text, parseSpecial: false, addBeginning: true)
    }

    /// Checks that a prompt and an answer to it fit into the model's context.
    ///
    /// - Throws: ``PromptLengthError``, or `PromptError`.
    func check(_ prompt: Prompt, maximumTokens: Int) throws {
        let count = try tokens(of: prompt).count
        let (whole, overflows) = count.addingReportingOverflow(maximumTokens)
        guard !overflows, whole <= model.contextLength else {
            throw PromptLengthError(id: prompt.id, tokens: count, maximumTokens: maximumTokens, contextLength: model.contextLength)
        }
    }

    /// The tokens that ask for an answer, and that answer behind them.
    ///
    /// - Throws: `PromptError`
    public func tokens(of prompt: Prompt, answer: String) throws(PromptError) -> [Int32] {
        try tokens(of: prompt) + model.tokenizer.encode(answer, parseSpecial: false, addBeginning: false)
    }
}
