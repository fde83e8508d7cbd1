import Synchronization

/// Counts signals.
final class SignalCount: Sendable {
    private let count = Atomic<Int>(0)

    /// How many there have been, this one included.
    func next() -> Int {
        count.wrappingAdd(1, ordering: .relaxed).newValue
    }
}
