/// The constants of rotary position embedding (RoPE, arXiv:2104.09864).
public struct RotaryConfiguration: Sendable, Equatable {
    /// How many values of each head turn, from its first; even.
    public let dimensions: Int
    /// The base of the geometric row of frequencies.
    public let base: Double
    /// Positions are divided by this (linear scaling); 1 where the context was not stretched.
    public let linearFactor: Double
}
