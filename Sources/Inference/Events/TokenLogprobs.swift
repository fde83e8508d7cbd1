/// A token's log-probability and its best alternatives, natural logarithms of the distribution before sampling parameters change it.
public struct TokenLogprobs: Sendable, Equatable {
    /// A token that could have been.
    public struct Alternative: Sendable, Equatable {
        /// The token's id.
        public let token: Int32
        /// Its log-probability.
        public let logprob: Float
    }

    /// The token's id.
    public let token: Int32
    /// Its log-probability; nil for the first token of a prompt, which nothing predicts.
    public let logprob: Float?
    /// The likeliest tokens at its place, best first.
    public let top: [Alternative]

    package init(token: Int32, logprob: Float?, top: [Alternative]) {
        self.token = token
        self.logprob = logprob
        self.top = top
    }
}
