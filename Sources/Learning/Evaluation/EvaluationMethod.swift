/// A method of the comparison.
public enum EvaluationMethod: String, Sendable, Codable, CaseIterable {
    /// The model as it is.
    case base
    /// A system prompt that asks for the attribute.
    case prompt
    /// One vector added at every token.
    case staticEdit = "static"
    /// The best of several sampled answers, by the reward.
    case bestOf = "best-of-n"
    /// The likeliest tokens re-weighted by value.
    case controlledDecoding = "controlled-decoding"
    /// Gradient ascent on the value function at every token.
    case control = "re-control"
}
