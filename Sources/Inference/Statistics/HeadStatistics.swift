/// What steering by the versions of one value function did, over the sequences that have ended.
public struct HeadStatistics: Sendable, Equatable {
    /// Tokens that it steered, alone or with others.
    public internal(set) var tokens = 0
    /// Gradient steps that were taken for them.
    public internal(set) var steps = 0
    /// Seconds that they took; those of a mixture are shared evenly among its heads, so that sums over heads are right.
    public internal(set) var seconds = 0.0
    /// By how much the value rose, the mean over each sequence that it steered alone: a mixture's value is none of its heads'.
    public internal(set) var valueGain = Histogram(bounds: HistogramBounds.valueGain)

    /// Nothing yet.
    public init() {}

    /// Takes in what steering did to a sequence.
    ///
    /// - Parameters:
    ///   - totals: what it did.
    ///   - count: how many heads did it.
    ///   - weight: the head's weight, where it steered alone; nil in a mixture.
    mutating func add(_ totals: ControlTotals, sharedBy count: Int, weight: Float?) {
        tokens += totals.tokens
        steps += totals.steps
        seconds += totals.seconds / Double(max(count, 1))
        // What was raised is the value times the weight.
        if let gain = totals.valueGain, let weight, weight != 0 { valueGain.observe(gain / Double(weight)) }
    }

    /// Takes in what steering did elsewhere.
    mutating func add(_ other: HeadStatistics) {
        tokens += other.tokens
        steps += other.steps
        seconds += other.seconds
        valueGain.add(other.valueGain)
    }
}
