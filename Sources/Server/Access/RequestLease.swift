import Synchronization

/// A request's place among those that are under way. It ends once: when it is told to, or when nobody holds it any more.
package final class RequestLease: Sendable {
    private let release: Mutex<(@Sendable () -> Void)?>

    init(_ release: @escaping @Sendable () -> Void) {
        self.release = Mutex(release)
    }

    deinit {
        end()
    }

    /// Gives the place to others.
    package func end() {
        let release = release.withLock { release in
            defer { release = nil }
            return release
        }
        release?()
    }
}
