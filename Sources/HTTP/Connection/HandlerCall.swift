import Synchronization

/// A handler at work in a task of its own, so that it can be left behind: it is cancelled, and nobody waits for what it still answers.
final class HandlerCall: Sendable {
    private typealias Outcome = Result<ServerResponse, any Error>

    private struct State {
        var outcome: Outcome?
        var waiter: CheckedContinuation<Outcome, Never>?
    }

    private let state = Mutex(State())

    /// Runs the handler; called once. Where the caller's task is cancelled, so is the handler's.
    ///
    /// - Throws: what the handler throws, or what it was left behind with.
    func run(_ body: @escaping @Sendable () async throws -> ServerResponse) async throws -> ServerResponse {
        let task = Task {
            do { end(.success(try await body())) } catch { end(.failure(error)) }
        }
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let outcome = state.withLock { state -> Outcome? in
                    if state.outcome == nil { state.waiter = continuation }
                    return state.outcome
                }
                if let outcome { continuation.resume(returning: outcome) }
            }
        } onCancel: {
            task.cancel()
        }
        // It has ended, or was left behind.
        task.cancel()
        return try outcome.get()
    }

    /// Leaves the handler behind.
    ///
    /// - Returns: false where it has ended before.
    func abandon(_ error: any Error) -> Bool {
        end(.failure(error))
    }

    /// The first outcome is the one that counts.
    @discardableResult
    private func end(_ outcome: Outcome) -> Bool {
        let (waiter, isFirst) = state.withLock { state -> (CheckedContinuation<Outcome, Never>?, Bool) in
            guard state.outcome == nil else { return (nil, false) }
            state.outcome = outcome
            defer { state.waiter = nil }
            return (state.waiter, true)
        }
        waiter?.resume(returning: outcome)
        return isFirst
    }
}
