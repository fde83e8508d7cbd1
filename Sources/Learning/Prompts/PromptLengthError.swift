/// A prompt leaves no room for an answer.
public struct PromptLengthError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The prompt's name.
    public let id: String
    /// How many tokens it has.
    public let tokens: Int
    /// How many the answer may have.
    public let maximumTokens: Int
    /// How many the model's context has.
    public let contextLength: Int

    /// One sentence.
    public var description: String {
        "prompt '\(id)' has \(tokens) tokens, and with \(maximumTokens) of an answer exceeds the model's context of \(contextLength); shorten it, or leave it out"
    }
}
