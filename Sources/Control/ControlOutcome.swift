/// What control did to one state.
public struct ControlOutcome: Sendable, Equatable {
    /// V(h).
    public let valueBefore: Float
    /// V(h + u), at the state that was returned: from the last pre-activations, not from a prediction.
    public let valueAfter: Float
    /// |u| / |h|; 0 where |h| is 0, for then there is no such ratio.
    public let relativeNorm: Float
    /// How many steps were taken.
    public let steps: Int

    /// Whether every number is finite. Where not, the state must not be used: the value function diverged.
    public var isFinite: Bool {
        valueBefore.isFinite && valueAfter.isFinite && relativeNorm.isFinite
    }

    /// Before anything was done.
    static let nothing = ControlOutcome(valueBefore: 0, valueAfter: 0, relativeNorm: 0, steps: 0)
}
