/// What control did at one token.
public struct TokenControl: Sendable, Equatable {
    /// V(h).
    public let valueBefore: Float
    /// V(h + u), at the state that gave the logits sampled from.
    public let valueAfter: Float
    /// |u| / |h|.
    public let norm: Float
    /// KL(steered || plain) of the next token's distribution at temperature 1, in nats; nil where the plain logits were not computed.
    public let kl: Float?
}
