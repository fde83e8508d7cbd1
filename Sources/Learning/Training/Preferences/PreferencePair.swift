import Tokenizers

/// Two answers to a prompt, one of which somebody preferred.
public struct PreferencePair: Sendable, Equatable {
    /// What was asked.
    public let prompt: Prompt
    /// The better answer.
    public let chosen: String
    /// The other one.
    public let rejected: String
}
