import Synchronization

/// Counts calls.
final class Count: Sendable {
    private let count = Mutex(0)

    var value: Int {
        count.withLock { $0 }
    }

    /// The number of this call, from 1.
    func next() -> Int {
        count.withLock {
            $0 += 1
            return $0
        }
    }
}
