/// The token that was chosen for a sequence.
struct TokenChoice {
    /// Its id.
    let token: Int32
    /// Its log-probability and the best alternatives, where the request wants them.
    let logprobs: TokenLogprobs?
}
