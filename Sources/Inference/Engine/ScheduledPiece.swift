/// A part of a sequence that the next step computes.
struct ScheduledPiece {
    let sequence: Sequence
    /// How many of its pending tokens.
    let count: Int

    /// Whether the piece reaches the sequence's last token, so that the next one can be sampled.
    var reachesEnd: Bool {
        count == sequence.pendingCount
    }
}
