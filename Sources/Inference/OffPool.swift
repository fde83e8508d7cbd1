import Dispatch

/// Runs work that takes long, or waits for a disk, on Dispatch's threads: Swift's own pool has as many as there are cores, and all I/O needs them.
package enum OffPool {
    /// The result of `body`, run elsewhere.
    package static func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global(qos: .userInitiated).async {
                continuation.resume(with: Result { try body() })
            }
        }
    }
}
