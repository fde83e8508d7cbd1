/// Sums of what control did to one sequence.
struct ControlTotals {
    private var tokens = 0
    private var valueBefore = 0.0
    private var valueAfter = 0.0
    private var norm = 0.0
    private var divergence: Double?
    var seconds = 0.0

    mutating func add(_ token: TokenControl) {
        tokens += 1
        valueBefore += Double(token.valueBefore)
        valueAfter += Double(token.valueAfter)
        norm += Double(token.norm)
        if let kl = token.kl { divergence = (divergence ?? 0) + Double(kl) }
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
