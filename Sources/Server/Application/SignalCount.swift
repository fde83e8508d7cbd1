import Synchronization

/// Counts signals, and knows what the first is to do.
final class SignalCount: Sendable {
    private let count = Atomic<Int>(0)
    private let isServing: Atomic<Bool>

    init(serves: Bool) {
        isServing = Atomic(serves)
    }

    /// Whether there is something to drain.
    var serves: Bool {
        isServing.load(ordering: .relaxed)
    }

    /// From now on there is.
    func beginServing() {
        isServing.store(true, ordering: .relaxed)
    }

    /// How many there have been, this one included.
    func next() -> Int {
        count.wrappingAdd(1, ordering: .relaxed).newValue
    }
}
