import Synchronization

/// Tokens that a request took before it began, for its prompts and for what it asks to be answered. What it computes is counted, and when it has ended,
/// however that was, the difference is settled: nobody holds it any more then.
final class TokenReservation: Sendable {
    private let usage: KeyUsage
    private let reserved: Int
    private let isBounded: Bool
    private let computed = Atomic<Int>(0)

    /// - Parameters:
    ///   - reserved: What was taken.
    ///   - isBounded: Whether what is computed counts in the minute.
    init(_ usage: KeyUsage, reserved: Int, isBounded: Bool) {
        self.usage = usage
        self.reserved = reserved
        self.isBounded = isBounded
    }

    deinit {
        if isBounded { usage.settle(reserved: reserved, computed: computed.load(ordering: .relaxed)) }
    }

    /// Counts tokens that were computed.
    func count(_ tokens: Int) {
        guard tokens > 0 else { return }
        computed.wrappingAdd(tokens, ordering: .relaxed)
        usage.count(tokens: tokens)
    }
}
