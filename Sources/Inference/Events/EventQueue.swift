import DequeModule
import Synchronization

/// The bounded queue from the engine to one reader. The engine never waits: it stops scheduling a sequence whose queue is full.
final class EventQueue: Sendable {
    private struct State {
        var events: Deque<GenerationEvent> = []
        var end: Result<Void, GenerationError>?
        var waiter: CheckedContinuation<GenerationEvent?, any Error>?
        var isCancelled = false
    }

    /// How many events may wait for the reader.
    let capacity: Int
    private let state = Mutex(State())
    /// Called when the reader leaves, or takes an event from a full queue: an idle engine should look.
    private let wakeEngine: @Sendable () -> Void

    init(capacity: Int, wakeEngine: @escaping @Sendable () -> Void) {
        self.capacity = capacity
        self.wakeEngine = wakeEngine
    }

    /// Whether as many events wait as may, and whether the reader is gone.
    var reader: (isFull: Bool, isCancelled: Bool) {
        state.withLock { ($0.events.count >= capacity, $0.isCancelled) }
    }

    /// Hands an event to the reader.
    func send(_ event: GenerationEvent) {
        let waiter = state.withLock { state -> CheckedContinuation<GenerationEvent?, any Error>? in
            guard state.end == nil, !state.isCancelled else { return nil }
            guard let waiter = state.waiter else {
                state.events.append(event)
                return nil
            }
            state.waiter = nil
            return waiter
        }
        waiter?.resume(returning: event)
    }

    /// Tells the reader that nothing follows.
    func finish(_ end: Result<Void, GenerationError> = .success(())) {
        let waiter = state.withLock { state -> CheckedContinuation<GenerationEvent?, any Error>? in
            guard state.end == nil else { return nil }
            state.end = end
            defer { state.waiter = nil }
            return state.waiter
        }
        switch end {
        case .success: waiter?.resume(returning: nil)
        case .failure(let error): waiter?.resume(throwing: error)
        }
    }

    /// The reader leaves: what waits is dropped, and the engine ends the sequence at its next step.
    func cancel() {
        let waiter = state.withLock { state -> CheckedContinuation<GenerationEvent?, any Error>? in
            guard !state.isCancelled else { return nil }
            state.isCancelled = true
            state.events.removeAll()
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(throwing: CancellationError())
        wakeEngine()
    }

    /// The next event; nil after the last.
    func next() async throws -> GenerationEvent? {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let (outcome, wasFull) = state.withLock { state -> (Result<GenerationEvent?, any Error>?, Bool) in
                    let wasFull = state.events.count >= capacity
                    if state.isCancelled { return (.failure(CancellationError()), false) }
                    if let event = state.events.popFirst() { return (.success(event), wasFull) }
                    switch state.end {
                    case .success: return (.success(nil), false)
                    case .failure(let error): return (.failure(error), false)
                    case nil:
                        // Events go to one reader; a second one at the same time gets none.
                        guard state.waiter == nil else { return (.failure(CancellationError()), false) }
                        state.waiter = continuation
                        return (nil, false)
                    }
                }
                if wasFull { wakeEngine() }
                if let outcome { continuation.resume(with: outcome) }
            }
        } onCancel: {
            cancel()
        }
    }
}
