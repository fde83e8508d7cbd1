import Synchronization

/// Takes a request's body out of the connection's input.
final class BodyReader: Sendable {
    private struct State {
        var framing: BodyFraming
        var chunks = ChunkedDecoder()
        var received = 0
        var remaining: Int
        var isFinished: Bool
        var failure: RequestBodyError?
        var mustContinue: Bool
        var pace: BodyPace
        var isPatient = false
        var isWaiting = false
        /// Whether the connection is at something else.
        var isAbandoned = false
        /// Since when the client has been waited for without patience.
        var waitingSince: ContinuousClock.Instant?
    }

    private let connection: Connection
    private let state: Mutex<State>
    /// What Content-Length said; nil for chunks.
    let announcedLength: Int?

    init(connection: Connection, head: RequestHead, pace: BodyPace) {
        self.connection = connection
        let length: Int? =
            switch head.framing {
            case .none: 0
            case .length(let count): count
            case .chunked: nil
            }
        announcedLength = length
        state = Mutex(
            State(
                framing: head.framing,
                remaining: length ?? 0,
                isFinished: head.framing == .none,
                mustContinue: head.expectsContinue && head.framing != .none,
                pace: pace
            )
        )
    }

    /// Whether all of the body was read, and the next request can follow.
    var isFinished: Bool {
        state.withLock { $0.isFinished && $0.failure == nil }
    }

    /// Whether the client still waits to be told that it may send the body.
    var awaitsContinue: Bool {
        state.withLock { $0.mustContinue }
    }

    /// The connection waits for the body no more: whoever still reads it, as may a task that a handler began, fails.
    func abandon(_ reason: RequestBodyError) {
        let isRead = state.withLock { state -> Bool in
            state.failure = state.failure ?? reason
            state.mustContinue = false
            state.isAbandoned = true
            return state.isWaiting
        }
        if isRead { connection.input.wake() }
    }

    /// Says whether the client may take any time to send more, also where that is being waited for. Then its time begins anew.
    func setPatience(_ isPatient: Bool) {
        state.withLock { state in
            guard state.isPatient != isPatient else { return }
            state.isPatient = isPatient
            if state.isWaiting { watch(&state) }
            if isPatient { state.pace.reset() }
        }
    }

    /// Begins or ends a wait for more.
    private func setWaiting(_ isWaiting: Bool) {
        state.withLock { state in
            state.isWaiting = isWaiting
            watch(&state)
        }
    }

    /// Has the connection watch how long a wait takes, or not.
    private func watch(_ state: inout State) {
        guard !state.isAbandoned else { return }
        let now = ContinuousClock.now
        if let since = state.waitingSince { state.pace.add(wait: now - since) }
        if state.isWaiting, !state.isPatient {
            state.waitingSince = now
            connection.expectBody(for: state.pace.nextWait)
        } else {
            state.waitingSince = nil
            connection.bodyArrived()
        }
    }

    private enum Step {
        case piece([UInt8])
        case end
        case wait(count: Int)
        case failed(RequestBodyError)
    }

    /// The next piece; nil at the end.
    ///
    /// - Parameter limit: the most bytes of the whole body.
    /// - Throws: `disconnected` also where the task is cancelled while nothing is there.
    func next(limit: Int) async throws(RequestBodyError) -> [UInt8]? {
        if let announcedLength, announcedLength > limit { throw .tooLarge(limit: limit) }
        if state.withLock({ state in
            defer { state.mustContinue = false }
            return state.mustContinue
        }) {
            let interim = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)
            // Whoever was left behind must not write it into another's answer.
            do throws(ResponseWriterError) {
                try await connection.output.write(interim, unless: { state.withLock { $0.isAbandoned } })
            } catch {
                throw .disconnected
            }
        }
        while true {
            switch step(limit: limit) {
            case .piece(let bytes): return bytes
            case .end: return nil
            case .failed(let error):
                state.withLock { $0.failure = error }
                throw error
            case .wait(let count):
                if Task.isCancelled { throw .disconnected }
                setWaiting(true)
                await connection.input.waitForMore(than: count, orCancellation: true)
                setWaiting(false)
            }
        }
    }

    private func step(limit: Int) -> Step {
        connection.input.consume { waiting, isEnded in
            state.withLock { state in
                if let failure = state.failure { return (.failed(failure), 0) }
                if state.isFinished { return (.end, 0) }
                let (step, used) = take(waiting, &state)
                if case .piece(let bytes) = step {
                    state.received += bytes.count
                    state.pace.add(bytes: bytes.count)
                    if state.received > limit { return (.failed(.tooLarge(limit: limit)), used) }
                }
                if case .wait = step, used == 0, isEnded {
                    return (.failed(connection.hasTimedOut ? .timedOut : .disconnected), 0)
                }
                return (step, used)
            }
        }
    }

    private func take(_ waiting: ArraySlice<UInt8>, _ state: inout State) -> (Step, used: Int) {
        switch state.framing {
        case .none: return (.end, 0)
        case .length:
            let count = min(waiting.count, state.remaining)
            guard count > 0 else { return (.wait(count: 0), 0) }
            state.remaining -= count
            state.isFinished = state.remaining == 0
            return (.piece(Array(waiting.prefix(count))), count)
        case .chunked:
            let (event, used) = state.chunks.next(waiting)
            switch event {
            case .data(let range): return (.piece(Array(waiting[range])), used)
            case .incomplete: return (.wait(count: waiting.count - used), used)
            case .malformed(let reason): return (.failed(.malformed(reason)), used)
            case .end:
                state.isFinished = true
                return (.end, used)
            }
        }
    }
}
