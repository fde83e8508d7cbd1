/// What control did to a sequence: means over its controlled tokens.
public struct ControlSummary: Sendable, Equatable {
    /// How many tokens were controlled.
    public let tokens: Int
    /// The mean of V(h).
    public let valueBefore: Float
    /// The mean of V(h + u).
    public let valueAfter: Float
    /// The mean of |u| / |h|.
    public let norm: Float
    /// The mean of the KL; nil where it was not computed.
    public let kl: Float?
    /// Time spent on control, in total.
    public let seconds: Double
}
