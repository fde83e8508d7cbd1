/// Which positions of a piece yield a final hidden state.
public enum BatchOutput: Sendable {
    /// None: an inner piece of a prefill.
    case none
    /// The last one: the next token is to be sampled.
    case last
    /// Every one: the prompt's log-probabilities were asked for.
    case all
}
