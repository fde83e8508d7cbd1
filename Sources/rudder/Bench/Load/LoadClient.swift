/// One client: sends a request, reads its stream, and begins again. It keeps its connection for as long as the server does.
final class LoadClient {
    private enum State {
        case resting(until: ContinuousClock.Instant)
        case connecting
        case sending(from: Int)
        case receiving
    }

    private let address: LoadAddress
    private let nextRequest: () -> [UInt8]
    private let statistics: LoadStatistics
    private var state: State
    private var socket: LoadSocket?
    private var request: [UInt8] = []
    private var answer = AnswerParser()
    private var events = EventParser()
    private var isDone = false
    private var contentCount = 0
    private var usage: (tokens: Int, promptTokens: Int)?
    private var start: ContinuousClock.Instant
    private var lastContent: ContinuousClock.Instant
    /// Whether the connection has carried an answer: then the server may close it just when the next request is sent.
    private var isUsedConnection = false

    /// How long to wait after a failure.
    private static let pause = Duration.milliseconds(250)

    /// Makes a client that begins at once.
    init(address: LoadAddress, statistics: LoadStatistics, nextRequest: @escaping () -> [UInt8]) {
        self.address = address
        self.statistics = statistics
        self.nextRequest = nextRequest
        start = .now
        lastContent = start
        state = .resting(until: start)
    }

    /// What to wait for: nil while the client rests.
    var interest: (descriptor: Int32, isWriting: Bool)? {
        guard let socket else { return nil }
        switch state {
        case .resting: return nil
        case .connecting, .sending: return (socket.descriptor, true)
        case .receiving: return (socket.descriptor, false)
        }
    }

    /// When to wake the client, where it rests.
    var wakeTime: ContinuousClock.Instant? {
        if case .resting(let until) = state { until } else { nil }
    }

    /// Begins the next request.
    func wake(now: ContinuousClock.Instant) {
        request = nextRequest()
        begin(now: now)
    }

    /// Goes on, for the socket is ready.
    func proceed(buffer: UnsafeMutableRawBufferPointer, now: ContinuousClock.Instant) {
        do throws(LoadFailure) {
            if case .connecting = state {
                try socket?.checkConnected()
                state = .sending(from: 0)
            }
            if case .sending(let position) = state { try send(from: position) }
            if case .receiving = state { try receive(buffer, now: now) }
        } catch {
            fail(error, now: now)
        }
    }

    private func begin(now: ContinuousClock.Instant) {
        answer = AnswerParser()
        events = EventParser()
        (isDone, contentCount, usage) = (false, 0, nil)
        (start, lastContent) = (now, now)
        do throws(LoadFailure) {
            if socket == nil {
                socket = try LoadSocket(to: address)
                isUsedConnection = false
                state = .connecting
            } else {
                try send(from: 0)
            }
        } catch {
            fail(error, now: now)
        }
    }

    private func send(from position: Int) throws(LoadFailure) {
        let sent = try socket?.send(request[position...]) ?? 0
        state = position + sent == request.count ? .receiving : .sending(from: position + sent)
    }

    private func receive(_ buffer: UnsafeMutableRawBufferPointer, now: ContinuousClock.Instant) throws(LoadFailure) {
        guard let socket else { return }
        switch try socket.read(into: buffer) {
        case .nothing: return
        case .end:
            guard answer.endsWithConnection else { throw .cutShort }
            try finish(now: now)
        case .bytes(let count):
            try take(UnsafeRawBufferPointer(rebasing: buffer[..<count]), now: now)
            if answer.isComplete { try finish(now: now) }
        }
    }

    private func take(_ bytes: UnsafeRawBufferPointer, now: ContinuousClock.Instant) throws(LoadFailure) {
        try answer.take(bytes) { (body) throws(LoadFailure) in
            try events.take(body) { (event) throws(LoadFailure) in try take(event, now: now) }
        }
    }

    private func take(_ event: StreamEvent, now: ContinuousClock.Instant) throws(LoadFailure) {
        switch event {
        case .content:
            let seconds = (now - lastContent).seconds
            if contentCount == 0 { statistics.firstToken(after: seconds) } else { statistics.token(after: seconds) }
            contentCount += 1
            lastContent = now
        case .usage(let tokens, let promptTokens): usage = (tokens, promptTokens)
        case .failure(let message): throw .stream(message)
        case .done: isDone = true
        case .other: break
        }
    }

    /// The answer is whole: counts it, and begins the next one.
    private func finish(now: ContinuousClock.Instant) throws(LoadFailure) {
        if answer.status == 429 {
            statistics.refuse()
            release()
            return state = .resting(until: now + .seconds(min(max(answer.retryAfter ?? 1, 0), 3600)))
        }
        guard answer.status == 200 else { throw .status(answer.status ?? 0) }
        guard isDone else { throw .cutShort }
        statistics.complete(
            after: (now - start).seconds,
            silentTokens: max((usage?.tokens ?? 0) - contentCount, 0),
            promptTokens: usage?.promptTokens ?? 0
        )
        release()
        state = .resting(until: now)
    }

    /// Keeps the connection if the server does.
    private func release() {
        isUsedConnection = true
        if !answer.keepsAlive || !answer.isComplete { socket = nil }
    }

    private func fail(_ failure: LoadFailure, now: ContinuousClock.Instant) {
        socket = nil
        // A connection that was kept may be closed by the server at any time between answers: the request goes out again on a new one.
        if isUsedConnection, answer.status == nil { return begin(now: now) }
        statistics.fail(failure)
        state = .resting(until: now + Self.pause)
    }
}
