/// What a generation tells while it runs, in order: the prompt's log-probabilities, tokens, the end.
public enum GenerationEvent: Sendable, Equatable {
    /// Log-probabilities of the prompt's next tokens, where they were asked for; the first token's has no number.
    case promptLogprobs([TokenLogprobs])
    /// A token.
    case token(GeneratedToken)
    /// The end; nothing follows.
    case finished(GenerationSummary)
}
