import Dispatch

/// Runs work that takes long, or waits for a disk, on Dispatch's threads: Swift's own pool has as many as there are cores, and all I/O needs them.
package enum OffPool {
    /// The result of `body`, run elsewhere.
    package static func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            // Of the standard priority: to set a higher one takes rights that a service does not have, and Dispatch complains to the system's log.
            DispatchQueue.global().async {
                continuation.resume(with: Result { try body() })
            }
        }
    }
}
