/// Sums of what control did to one sequence.
struct ControlTotals {
    private(set) var tokens = 0
    private var valueBefore = 0.0
    private var valueAfter = 0.0
    private var norm = 0.0
    private var divergence: Double?
    /// Gradient steps that were taken, also where no token came of them.
    private(set) var steps = 0
    private(set) var seconds = 0.0

    mutating func add(_ token: TokenControl) {
        tokens += 1
        valueBefore += Double(token.valueBefore)
        valueAfter += Double(token.valueAfter)
        norm += Double(token.norm)
        if let kl = token.kl { divergence = (divergence ?? 0) + Double(kl) }
    }

    /// Adds the work of one token.
    mutating func add(steps: Int, seconds: Double) {
        self.steps += steps
        self.seconds += seconds
    }

    /// By how much the value rose, the mean; nil before the first token.
    var valueGain: Double? {
        tokens > 0 ? (valueAfter - valueBefore) / Double(tokens) : nil
    }

    var summary: ControlSummary {
        func mean(_ sum: Double) -> Float { tokens > 0 ? Float(sum / Double(tokens)) : 0 }
        return ControlSummary(
            tokens: tokens,
            valueBefore: mean(valueBefore),
            valueAfter: mean(valueAfter),
            norm: mean(norm),
            kl: divergence.map(mean),
            seconds: seconds
        )
    }
}
