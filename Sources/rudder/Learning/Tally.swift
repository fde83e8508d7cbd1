import Synchronization

/// Two counts that a step keeps up to date, for the line that sums it up.
final class Tally: Sendable {
    private let counts = Mutex((0, 0))

    var values: (Int, Int) {
        counts.withLock { $0 }
    }

    func set(_ first: Int, _ second: Int) {
        counts.withLock { $0 = (first, second) }
    }
}
