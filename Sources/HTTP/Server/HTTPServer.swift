import Dispatch
import HTTPTypes
import Logging
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// An HTTP/1.1 server (RFC 9110, RFC 9112) on non-blocking sockets.
public final class HTTPServer: Sendable {
    /// The sources that outlive ``start()``; they are only touched under the lock or on their queue.
    private struct Sources: @unchecked Sendable {
        let socket: ListeningSocket
        let accept: any DispatchSourceRead
        let timer: any DispatchSourceTimer
    }

    private struct State {
        var hasStarted = false
        /// Once the server stops: how long connections may wait for a request all the same.
        var drainIdleTimeout: Duration?
        var isListening = false
        var sources: Sources?
        var connections: [Int: Connection] = [:]
        var perAddress: [String: Int] = [:]
        var nextNumber = 0
        /// When it was last told that no connection can be taken.
        var lastAcceptWarning: ContinuousClock.Instant?
        /// Nil: there is no TLS.
        var identity: TLSServerIdentity?
    }

    private let configuration: HTTPServerConfiguration
    private let logger: Logger
    private let handler: any HTTPHandler
    private let observers: [any HTTPServerObserver]
    private let state = Mutex(State())
    /// Readiness is told on a few serial queues; a connection stays on one.
    private let queues = (0..<4).map { DispatchQueue(label: "rudder.http.\($0)") }

    /// A server that can take no connection says so no more often than this.
    private static let acceptWarningInterval: Duration = .seconds(10)

    /// How many connections are taken before other work of the queue has its turn.
    private static let mostAtOnce = 256

    /// Connections beyond the limits that are told so at once; more are only closed.
    private static let refusals = 64

    /// Makes a server; ``start()`` starts it.
    ///
    /// - Parameters:
    ///   - configuration: where it listens, and its limits.
    ///   - logger: told of what fails.
    ///   - observers: told of connections and answers.
    ///   - handler: what answers.
    public init(
        configuration: HTTPServerConfiguration,
        logger: Logger,
        observers: [any HTTPServerObserver] = [],
        handler: any HTTPHandler
    ) {
        self.configuration = configuration
        self.logger = logger
        self.handler = handler
        self.observers = observers
    }

    /// Listens.
    ///
    /// - Returns: the address, with the port that was picked.
    /// - Throws: ``HTTPServerError``
    public func start() async throws(HTTPServerError) -> SocketAddress {
        let isFirst = state.withLock { state in
            defer { state.hasStarted = true }
            return !state.hasStarted
        }
        guard isFirst else { throw .alreadyStarted }
        if let tls = configuration.tls {
            let identity: TLSServerIdentity
            do throws(TLSError) { identity = try TLSServerIdentity(tls) } catch { throw .tls(error) }
            state.withLock { $0.identity = identity }
        }
        let socket = try ListeningSocket(host: configuration.host, port: configuration.port)
        let context = ConnectionContext(
            configuration: configuration,
            handler: handler,
            observers: observers,
            logger: logger,
            isLoopback: socket.address.isLoopback
        )
        let source = DispatchSource.makeReadSource(fileDescriptor: socket.descriptor, queue: queues[0])
        source.setEventHandler { [weak self] in self?.acceptAll(socket, context) }
        source.setCancelHandler { [weak self] in
            // Who has connected already is not turned away: more do not wait than the backlog holds. Who still comes would keep the port open for ever.
            var rounds = ListeningSocket.backlog / Self.mostAtOnce + 1
            while rounds > 0, self?.acceptAll(socket, context) == true { rounds -= 1 }
            close(socket.descriptor)
            self?.state.withLock { $0.isListening = false }
        }
        let timer = DispatchSource.makeTimerSource(queue: queues[0])
        timer.schedule(deadline: .now() + 0.1, repeating: 0.1, leeway: .milliseconds(50))
        timer.setEventHandler { [weak self] in self?.enforceTimeouts() }
        let sources = Sources(socket: socket, accept: source, timer: timer)
        state.withLock { state in
            state.sources = sources
            state.isListening = true
        }
        source.activate()
        timer.activate()
        return socket.address
    }

    // MARK: TLS

    /// Reads the certificate, the key and the client authorities anew, for connections that begin from now on; those there are keep theirs. Where the
    /// files cannot be used, all stays as it was. Without TLS nothing happens.
    ///
    /// - Parameter settings: The files; nil: those that it began with.
    /// - Throws: ``TLSError``
    public func reloadCertificate(_ settings: TLSServerSettings? = nil) throws(TLSError) {
        guard let tls = settings ?? configuration.tls, let identity = state.withLock({ $0.identity }) else { return }
        try identity.replace(tls)
    }

    /// Seconds until the certificate is no longer valid, negative where it is not; nil without TLS.
    public var certificateSecondsLeft: Int? {
        state.withLock { $0.identity }?.context.secondsLeft
    }

    // MARK: Connections

    /// Takes the connections that wait.
    ///
    /// - Returns: whether more may wait.
    @discardableResult
    private func acceptAll(_ socket: ListeningSocket, _ context: ConnectionContext) -> Bool {
        // Not all day: other work of the queue waits.
        for _ in 0..<Self.mostAtOnce {
            switch socket.accept() {
            case .connection(let descriptor, let address): take(descriptor, address, context)
            case .aborted: continue
            case .none: return false
            case .failed(let code):
                pauseAccepting(code)
                return false
            }
        }
        return true
    }

    /// Without descriptors left, every attempt would fail at once and spin: look again in a while.
    private func pauseAccepting(_ code: Int32) {
        let now = ContinuousClock.now
        let (sources, isNew) = state.withLock { state -> (Sources?, Bool) in
            let isNew = state.lastAcceptWarning.map { now - $0 > Self.acceptWarningInterval } ?? true
            if isNew { state.lastAcceptWarning = now }
            return (state.sources, isNew)
        }
        if isNew { logger.warning("new connections have to wait: \(String(cString: strerror(code)))") }
        guard let sources else { return }
        sources.accept.suspend()
        queues[0].asyncAfter(deadline: .now() + 0.2) { sources.accept.resume() }
    }

    private func take(_ descriptor: Int32, _ address: SocketAddress, _ context: ConnectionContext) {
        let (number, refusal, identity) = state.withLock { state -> (Int?, String?, TLSServerIdentity?) in
            let fromAddress = state.perAddress[address.host, default: 0]
            var refusal: String?
            if state.connections.count >= configuration.connections { refusal = "there are too many connections" }
            if fromAddress >= configuration.connectionsPerAddress { refusal = "there are too many connections from \(address.host)" }
            guard refusal == nil || state.connections.count < configuration.connections + Self.refusals,
                refusal == nil || fromAddress < configuration.connectionsPerAddress + Self.refusals
            else { return (nil, nil, nil) }
            // To tell it would take a handshake.
            if refusal != nil, state.identity != nil { return (nil, nil, nil) }
            state.nextNumber += 1
            state.perAddress[address.host, default: 0] += 1
            return (state.nextNumber, refusal, state.identity)
        }
        guard let number else {
            close(descriptor)
            return
        }
        let socket = SocketTransport(descriptor: descriptor)
        let transport: any ByteTransport
        do throws(TLSError) {
            transport = if let identity { try TLSTransport(socket, context: identity.context) } else { socket }
        } catch {
            logger.error("a connection from \(address.host) is closed: \(error)")
            close(descriptor)
            return forget(address)
        }
        for observer in observers { observer.connectionOpened() }
        let connection = Connection(
            descriptor: descriptor,
            transport: transport,
            remoteAddress: address,
            server: context,
            queue: queues[number % queues.count]
        ) { [weak self] in self?.closed(number, address) }
        let drainIdleTimeout = state.withLock { state in
            state.connections[number] = connection
            return state.drainIdleTimeout
        }
        connection.start(refusing: refusal.map { RequestHeadError($0, status: .serviceUnavailable) })
        if let drainIdleTimeout { connection.drain(idleTimeout: drainIdleTimeout) }
    }

    /// One connection of an address less.
    private func forget(_ address: SocketAddress) {
        state.withLock { state in
            let left = state.perAddress[address.host, default: 1] - 1
            state.perAddress[address.host] = left > 0 ? left : nil
        }
    }

    private func closed(_ number: Int, _ address: SocketAddress) {
        // Told before it is no longer counted: who has waited for the last connection's end finds it told.
        for observer in observers { observer.connectionClosed() }
        state.withLock { $0.connections[number] = nil }
        forget(address)
    }

    private func enforceTimeouts() {
        let connections = state.withLock { Array($0.connections.values) }
        let now = ContinuousClock.now
        for connection in connections { connection.enforceTimeouts(now) }
    }

    /// How many connections are open.
    public var connectionCount: Int {
        state.withLock { $0.connections.count }
    }

    // MARK: Stopping

    /// Begins to stop: takes no more connections, and answers the requests of those there are as the last of their connection. The port is free when it
    /// returns. ``shutdown(timeout:idle:)`` ends it.
    ///
    /// - Parameter idle: how long a connection without a request stays open. Within that time it is answered still: a client, a proxy above all, may have sent
    ///   a request before it learns that the server stops. It loses none where it closes its own idle connections sooner. Zero: idle connections end at once.
    public func stopAccepting(idle: Duration = .zero) async {
        let (connections, socket) = state.withLock { state -> ([Connection], ListeningSocket?) in
            state.drainIdleTimeout = min(idle, state.drainIdleTimeout ?? idle)
            return (Array(state.connections.values), state.sources?.socket)
        }
        for connection in connections { connection.drain(idleTimeout: idle) }
        if idle > .zero, let socket, state.withLock({ $0.isListening }), socket.ignoreNewPeers() {
            // Those that are about to connect get through, and their connections are taken.
            let deadline = ContinuousClock.now + Self.handshakeTime
            while ContinuousClock.now < deadline { await pause() }
        }
        state.withLock { $0.sources?.accept.cancel() }
        let grace = ContinuousClock.now + .seconds(1)
        while state.withLock({ $0.isListening }), ContinuousClock.now < grace { await pause() }
    }

    /// How long a TCP handshake that has begun may take when the server stops: some round trips within a data centre.
    private static let handshakeTime = Duration.milliseconds(50)

    /// Waits until no connection is open.
    ///
    /// - Returns: whether that was so within `timeout`.
    public func waitForConnections(timeout: Duration) async -> Bool {
        let deadline = ContinuousClock.now + timeout
        while connectionCount > 0 {
            guard ContinuousClock.now < deadline else { return false }
            await pause()
        }
        return true
    }

    /// Stops: takes no more connections, closes idle ones, lets requests in hand finish. What takes longer than `timeout` is cut off. The port is
    /// free when it returns.
    ///
    /// - Parameters:
    ///   - timeout: how long requests may take.
    ///   - idle: how long within that time a connection without a request stays open, as ``stopAccepting(idle:)`` has it.
    public func shutdown(timeout: Duration, idle: Duration = .zero) async {
        let deadline = ContinuousClock.now + timeout
        await stopAccepting(idle: idle)
        _ = await waitForConnections(timeout: deadline - .now)
        for connection in state.withLock({ Array($0.connections.values) }) { connection.cancel() }
        _ = await waitForConnections(timeout: .seconds(1))
        state.withLock { state in
            state.sources?.timer.cancel()
            state.sources = nil
        }
    }

    /// Some milliseconds, also for a task that is cancelled: stopping goes on for it.
    private func pause() async {
        await withCheckedContinuation { continuation in
            queues[0].asyncAfter(deadline: .now() + 0.005) { continuation.resume() }
        }
    }
}
