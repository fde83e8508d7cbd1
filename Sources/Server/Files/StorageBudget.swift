import Synchronization

/// How much of a disk files may take together.
final class StorageBudget: Sendable {
    /// What a file takes besides its content, so that there cannot be any number of empty ones.
    static let perFile = 4096

    private let limit: Int
    private let used = Mutex(0)

    init(limit: Int) {
        self.limit = limit
    }

    /// Counts what is stored already.
    func begin(with bytes: Int) {
        used.withLock { $0 = bytes }
    }

    /// Takes room for an upload; false where there is not as much.
    func take(_ bytes: Int) -> Bool {
        used.withLock { used in
            guard used <= limit, bytes <= limit - used else { return false }
            used += bytes
            return true
        }
    }

    /// Counts what is stored whether or not there is room: results, which a batch was promised.
    func add(_ bytes: Int) {
        used.withLock { $0 += bytes }
    }

    /// Gives room back.
    func giveBack(_ bytes: Int) {
        used.withLock { $0 = max(0, $0 - bytes) }
    }
}
