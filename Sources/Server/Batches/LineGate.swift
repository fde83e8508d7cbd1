import Synchronization

/// Bounds how many sequences of batches are under way. Who asks first comes first.
final class LineGate: Sendable {
    private struct Waiter {
        let number: UInt64
        let weight: Int
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var used = 0
        var waiters: [Waiter] = []
        var nextNumber: UInt64 = 0
        var isClosed = false
    }

    private let limit: Int
    private let state = Mutex(State())

    /// - Parameter limit: The most at once, at least 1.
    init(limit: Int) {
        self.limit = max(1, limit)
    }

    /// Waits until there is room. What weighs more than there ever is waits until nothing else is under way.
    ///
    /// - Returns: what was taken.
    /// - Throws: `CancellationError`, also once the gate is closed.
    func acquire(_ weight: Int) async throws -> LinePass {
        let weight = min(max(weight, 1), limit)
        let number = state.withLock { state in
            state.nextNumber += 1
            return state.nextNumber
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let outcome = state.withLock { state -> Result<Void, any Error>? in
                    if state.isClosed || Task.isCancelled { return .failure(CancellationError()) }
                    guard state.waiters.isEmpty, state.used + weight <= limit else {
                        state.waiters.append(Waiter(number: number, weight: weight, continuation: continuation))
                        return nil
                    }
                    state.used += weight
                    return .success(())
                }
                if let outcome { continuation.resume(with: outcome) }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                state.waiters.firstIndex { $0.number == number }.map { state.waiters.remove(at: $0) }
            }
            waiter?.continuation.resume(throwing: CancellationError())
            admit()
        }
        return LinePass(gate: self, weight: weight)
    }

    /// Gives back what a pass took.
    func release(_ weight: Int) {
        state.withLock { $0.used -= weight }
        admit()
    }

    /// Whether nobody is let through any more.
    var isClosed: Bool {
        state.withLock(\.isClosed)
    }

    /// Lets nobody through any more.
    func close() {
        let waiters = state.withLock { state in
            state.isClosed = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.continuation.resume(throwing: CancellationError()) }
    }

    private func admit() {
        let admitted = state.withLock { state in
            var admitted: [Waiter] = []
            while let first = state.waiters.first, state.used + first.weight <= limit {
                state.used += first.weight
                admitted.append(state.waiters.removeFirst())
            }
            return admitted
        }
        for waiter in admitted { waiter.continuation.resume() }
    }
}
