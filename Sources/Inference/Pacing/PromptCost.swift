/// What a token of a prompt adds to a step, in seconds: a line over its position, for attention reads all positions before it. Fitted to what
/// was measured, the past counting less and less.
struct PromptCost {
    /// Follows a machine that becomes slower or faster.
    private var recent = DecayingMoments(memory: 16)
    /// Reaches far enough back to tell the slope: pieces beside decodes are small, one after the other at nearly the same position.
    private var past = DecayingMoments(memory: 256)

    /// Positions nearer to one another than this tell nothing of the slope.
    private static let leastSpread = 64.0
    /// Attention doubles what a token takes no sooner than in so many positions.
    private static let leastDoubling = 128.0

    /// Takes note of tokens around a position that took so long, each. A time far above all before counts as less.
    mutating func add(secondsPerToken measured: Double, position: Double) {
        let sample = recent.count > 4 ? min(measured, 4 * max(secondsPerToken(at: position), 1e-6)) : measured
        recent.add(position, sample)
        past.add(position, sample)
    }

    /// The time of one token.
    func secondsPerToken(at position: Double) -> Double {
        let fitted = past.covariance / (past.variance + Self.leastSpread * Self.leastSpread)
        let slope = min(max(0, fitted), recent.meanY / Self.leastDoubling)
        return max(recent.meanY + slope * (position - recent.meanX), recent.meanY / 4)
    }

    /// How many tokens from a position on take so long, not rounded; 1 where nothing was measured yet.
    func count(seconds: Double, from position: Int) -> Double {
        guard recent.count > 0 else { return 1 }
        let first = seconds / max(secondsPerToken(at: Double(position)), 1e-9)
        return seconds / max(secondsPerToken(at: Double(position) + first / 2), 1e-9)
    }
}
