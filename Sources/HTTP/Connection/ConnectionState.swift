/// What a connection is at, and how long it may be.
struct ConnectionState {
    /// What the connection waits for; each has its time-out.
    enum Phase: Equatable {
        /// For a connection's first request.
        case start
        /// For a further request.
        case idle
        case header, working, closing
        /// For more of a body, so long.
        case body(Duration)
    }

    private(set) var phase = Phase.start
    private var since = ContinuousClock.now
    /// Whether the input ended because the peer was too slow, and is to be told so.
    private(set) var hasTimedOut = false
    var isHandling = false
    /// Once the server stops: how long the connection may wait for a request all the same.
    private(set) var drainIdleTimeout: Duration?
    var task: Task<Void, Never>?
    /// Until when the request in hand is to be answered.
    var deadline: ContinuousClock.Instant?
    /// What is at work on it, until the answer begins; nil where requests may take any time.
    var call: HandlerCall?
    /// Whether the answer was cut off because it took too long.
    private(set) var isCut = false

    mutating func enter(_ phase: Phase) {
        self.phase = phase
        since = .now
        if phase == .start || phase == .idle { hasTimedOut = false }
    }

    /// The server stops.
    ///
    /// - Returns: whether the connection ends now.
    mutating func drain(idleTimeout: Duration) -> Bool {
        drainIdleTimeout = idleTimeout
        guard phase == .idle || phase == .start else { return false }
        since = .now
        return idleTimeout <= .zero
    }

    /// Whether the handler waits for more of the body.
    private var awaitsBody: Bool {
        if case .body = phase { true } else { false }
    }

    /// Whether what the connection waits for has not come in time.
    func isLate(at now: ContinuousClock.Instant, _ configuration: HTTPServerConfiguration) -> Bool {
        let limit: Duration? =
            switch phase {
            case .idle: min(configuration.idleTimeout, drainIdleTimeout ?? configuration.idleTimeout)
            case .start: min(configuration.headerTimeout, drainIdleTimeout ?? configuration.headerTimeout)
            case .header: configuration.headerTimeout
            case .body(let limit): limit
            case .closing: configuration.lingerTimeout
            case .working: nil
            }
        return limit.map { now - since > $0 } ?? false
    }

    /// Waits no more for what has not come in time; false where it has.
    mutating func giveUp(at now: ContinuousClock.Instant, _ configuration: HTTPServerConfiguration) -> Bool {
        guard isLate(at: now, configuration) else { return false }
        hasTimedOut = phase == .header || awaitsBody
        return true
    }

    /// What is to be done about a request that takes too long.
    enum Overdue {
        /// Its handler is left behind.
        case handler(HandlerCall, awaitsBody: Bool)
        /// Its answer, which has begun, is cut off.
        case answer
    }

    /// Nil where no request takes too long.
    mutating func overdue(at now: ContinuousClock.Instant) -> Overdue? {
        guard let deadline, now > deadline else { return nil }
        if let call { return .handler(call, awaitsBody: awaitsBody) }
        isCut = true
        return .answer
    }
}
