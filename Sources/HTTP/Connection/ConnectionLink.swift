import Synchronization

/// Lets a connection's parts reach it without keeping it alive.
final class ConnectionLink: Sendable {
    private struct Weak: Sendable {
        weak var connection: Connection?
    }

    private let link = Mutex(Weak())

    var connection: Connection? {
        link.withLock { $0.connection }
    }

    func set(_ connection: Connection) {
        link.withLock { $0.connection = connection }
    }
}
