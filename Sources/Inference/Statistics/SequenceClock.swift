/// When a sequence arrived, began and had its last token.
struct SequenceClock: Sendable {
    /// When it was submitted.
    let arrival: ContinuousClock.Instant
    /// Whether a step has computed for it.
    private var hasBegun = false
    /// When it had its last token; nil before the first.
    private var lastToken: ContinuousClock.Instant?

    init(arrival: ContinuousClock.Instant) {
        self.arrival = arrival
    }

    /// Notes that a step computes for it.
    ///
    /// - Returns: how long it waited, where this is its first step.
    mutating func begin(_ now: ContinuousClock.Instant) -> Duration? {
        guard !hasBegun else { return nil }
        hasBegun = true
        return now - arrival
    }

    /// Notes a token.
    ///
    /// - Returns: the time since the one before, or since its arrival where this is the first.
    mutating func token(_ now: ContinuousClock.Instant) -> (isFirst: Bool, duration: Duration) {
        defer { lastToken = now }
        guard let lastToken else { return (true, now - arrival) }
        return (false, now - lastToken)
    }
}
