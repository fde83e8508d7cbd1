/// How fast a worker's sequences end, over the time that it had any: what a refused client is told to wait by.
package struct CompletionRate: Sendable {
    /// Where the measured time began; nil while there is nothing to do.
    private var start: ContinuousClock.Instant?
    /// How many sequences ended since.
    private var ended = 0.0
    /// The mean time from one end to the next when there was last something to do.
    private var lastMean: Duration?

    /// The past counts half as much whenever more than this many have ended.
    private static let memory = 32.0

    package init() {}

    /// Takes note of sequences that ended, and of whether there are any left.
    package mutating func update(ended count: Int, isBusy: Bool, now: ContinuousClock.Instant = .now) {
        if let start, count > 0 {
            ended += Double(count)
            let mean = (now - start) / ended
            lastMean = mean
            while ended > Self.memory { ended /= 2 }
            self.start = now - mean * ended
        }
        if !isBusy {
            start = nil
        } else if start == nil {
            // What was measured before counts as one that ended.
            start = now - (lastMean ?? .zero)
            ended = lastMean == nil ? 0 : 1
        }
    }

    /// Sequences a second; before the first has ended, as if it ended now. Nil where nothing runs.
    package func perSecond(now: ContinuousClock.Instant = .now) -> Double? {
        guard let start else { return nil }
        return max(ended, 1) / max((now - start) / .seconds(1), 1e-3)
    }
}
