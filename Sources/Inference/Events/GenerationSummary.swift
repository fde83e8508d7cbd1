/// How a generation ended.
public struct GenerationSummary: Sendable, Equatable {
    /// Why.
    public let finishReason: FinishReason
    /// The stop text that appeared, where one ended the generation.
    public let stopText: String?
    /// Text that was held back and is now certain: the end of the answer.
    public let text: String
    /// Tokens of the prompt.
    public let promptTokens: Int
    /// How many of them were not computed, for their keys and values were in the cache.
    public let cachedPromptTokens: Int
    /// Tokens generated, an end-of-sequence token not counted.
    public let completionTokens: Int
    /// What control did; nil for a plain request.
    public let control: ControlSummary?
    /// The last state that was computed and gave no reported token, where states were asked for: the one that an end-of-sequence token was sampled
    /// from, or, where no token was to be generated, the prompt's last. Nil where the last state gave a token.
    public let endState: HiddenState?
    /// The prompt's states pooled into one, where that was asked for; as many numbers as the model's hidden size.
    public let pooledState: [Float]?
    /// The end-of-sequence token that was sampled; nil where none was.
    public let endToken: Int32?
}
