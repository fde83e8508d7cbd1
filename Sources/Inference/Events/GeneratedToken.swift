/// One token that a sequence generated.
public struct GeneratedToken: Sendable, Equatable {
    /// The token's id.
    public let id: Int32
    /// Text that is now certain to be part of the answer: often the token's own, empty while a character is incomplete or could begin a stop text.
    public let text: String
    /// Its log-probability, where that was asked for.
    public let logprobs: TokenLogprobs?
    /// What control did, where a trace was asked for.
    public let control: TokenControl?
    /// The state that its logits are of, control included, where states were asked for.
    public let state: HiddenState?
}
