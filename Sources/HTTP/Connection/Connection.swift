import Dispatch
import HTTPTypes
import Logging
import Synchronization

/// One client's connection: owns the socket, reads requests, runs the handler, writes answers, one request after the other.
final class Connection: Sendable {
    let input: ConnectionInput
    let output: ConnectionOutput
    let remoteAddress: SocketAddress
    private let transport: any ByteTransport
    private let server: ConnectionContext
    private let state = Mutex(ConnectionState())

    /// Takes over a socket.
    ///
    /// - Parameters:
    ///   - descriptor: the socket, non-blocking.
    ///   - transport: what reads and writes it.
    ///   - remoteAddress: the peer's.
    ///   - server: what the connection works for.
    ///   - queue: where readiness is told.
    ///   - onClose: called once the descriptor is closed.
    init(
        descriptor: Int32,
        transport: any ByteTransport,
        remoteAddress: SocketAddress,
        server: ConnectionContext,
        queue: DispatchQueue,
        onClose: @escaping @Sendable () -> Void
    ) {
        self.transport = transport
        let reading = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue)
        let writing = DispatchSource.makeWriteSource(fileDescriptor: descriptor, queue: queue)
        // The descriptor is closed once both sources have let go of it.
        let closer = DescriptorCloser(descriptor: descriptor, owners: 2, onClose: onClose)
        reading.setCancelHandler { closer.release() }
        writing.setCancelHandler { closer.release() }
        let link = ConnectionLink()
        let capacity = max(64 << 10, server.configuration.headerBytes + 1024)
        input = ConnectionInput(transport: transport, source: reading, capacity: capacity) { link.connection?.peerLeft() }
        output = ConnectionOutput(transport: transport, source: writing) { link.connection?.peerLeft() }
        self.remoteAddress = remoteAddress
        self.server = server
        link.set(self)
    }

    /// Starts reading requests; with a refusal, only answers that.
    func start(refusing refusal: RequestHeadError? = nil) {
        input.activate()
        output.activate()
        state.withLock { state in
            state.task = Task {
                guard let refusal else { return await serve() }
                await refuse(refusal.status, refusal.reason)
                await close(lingering: true)
            }
        }
    }

    // MARK: Requests, one after the other

    private func serve() async {
        var mayLinger = false
        var waitPhase = ConnectionState.Phase.start
        while true {
            guard let outcome = await readHead(waitPhase) else { break }
            waitPhase = .idle
            switch outcome {
            case .failure(let error):
                await refuse(error.status, error.reason)
                mayLinger = true
            case .success(let head):
                switch await answer(head) {
                case .keepAlive where !endsWhenIdle: continue
                case .keepAlive: break
                case .close: mayLinger = true
                case .abort: break
                }
            }
            break
        }
        await close(lingering: mayLinger)
    }

    /// Some clients send one empty line after a body; no more than a few are borne.
    private static let mostEmptyLines = 4

    /// Waits for a whole head; nil where the connection ends, or idles for too long, before one begins.
    private func readHead(_ waitPhase: ConnectionState.Phase) async -> Result<RequestHead, RequestHeadError>? {
        // What was late of the request before has come after all, in the very moment.
        input.goOn()
        enter(waitPhase)
        var hasBegun = false
        var emptyLines = 0
        var progress = HeadProgress()
        while true {
            // Empty lines before a request are left over from a body, and no part of it (RFC 9112 section 2.2).
            if emptyLines < Self.mostEmptyLines, input.consume(RequestHeadDecoder.skipEmptyLine) {
                emptyLines += 1
                progress = HeadProgress()
                continue
            }
            let (outcome, waiting, isEnded) = input.consume { bytes, isEnded -> ((RequestHeadDecoder.Outcome, Int, Bool), Int) in
                let limit = server.configuration.headerBytes
                guard isEnded || progress.isWorthParsing(bytes, limit: limit) else { return ((.incomplete, bytes.count, isEnded), 0) }
                let outcome = RequestHeadDecoder.decode(bytes, limit: limit)
                if case .head(_, let used) = outcome { return ((outcome, bytes.count, isEnded), used) }
                return ((outcome, bytes.count, isEnded), 0)
            }
            switch outcome {
            case .head(let head, _): return .success(head)
            case .refused(let error): return .failure(error)
            case .incomplete: break
            }
            if isEnded {
                guard waiting > 0, hasTimedOut else { return nil }
                return .failure(RequestHeadError("the header did not arrive in time", status: .requestTimeout))
            }
            if waiting == 0, endsWhenIdle { return nil }
            // The header's time begins with its first byte, and no further byte extends it.
            if waiting > 0, !hasBegun {
                hasBegun = true
                enter(.header)
            }
            await input.waitForMore(than: waiting)
        }
    }

    private enum After {
        case keepAlive
        /// The answer was written, and the connection ends.
        case close
        /// The connection ends as it is.
        case abort
    }

    /// What became of a request.
    private struct Outcome {
        var after: After
        /// Nil where there was no answer.
        var status: HTTPResponse.Status?
        var bodyBytes = 0
        /// Whether all of the answer was written.
        var isWhole = false

        /// There was no answer, for nobody is there to read it.
        static let none = Outcome(after: .abort)
    }

    private func answer(_ head: RequestHead) async -> After {
        await observed(RequestContext(fields: head.request.headerFields), head.request) { context in await answer(head, context) }
    }

    /// Runs what answers a request, with the request's context as the task's, and tells the observers how it ended.
    private func observed(
        _ context: RequestContext,
        _ request: HTTPRequest?,
        _ body: (RequestContext) async -> Outcome
    ) async -> After {
        let start = ContinuousClock.now
        return await RequestContext.$current.withValue(context) {
            let outcome = await body(context)
            let exchange = HTTPExchange(
                context: context,
                remoteAddress: remoteAddress,
                method: request?.method,
                path: request.map { String(($0.path ?? "").prefix { $0 != "?" }) },
                status: outcome.status,
                bodyBytes: outcome.bodyBytes,
                isWhole: outcome.isWhole,
                duration: .now - start
            )
            for observer in server.observers { observer.ended(exchange) }
            return outcome.after
        }
    }

    private func answer(_ head: RequestHead, _ context: RequestContext) async -> Outcome {
        let configuration = server.configuration
        let pace = BodyPace(pause: configuration.bodyTimeout, rate: configuration.minimumBodyRate)
        let body = BodyReader(connection: self, head: head, pace: pace)
        let requestBody = RequestBody(body, fields: head.request.headerFields, defaultLimit: configuration.bodyBytes)
        guard
            let request = ServerRequest(
                head: head.request,
                context: context,
                remoteAddress: remoteAddress,
                isLoopback: server.isLoopback,
                clientCertificate: transport.clientSubject,
                body: requestBody
            )
        else {
            return await writeRefusal(.badRequest, "the path or the query is not percent-encoded UTF-8", context)
        }
        enter(.working)
        // What was late has come after all, in the very moment.
        input.goOn()
        state.withLock { $0.isHandling = true }
        defer {
            state.withLock { state in
                state.isHandling = false
                state.deadline = nil
            }
            body.abandon(.disconnected)
        }
        if input.isEnded { peerLeft() }
        do {
            let response = try await respond(to: request)
            return await write(response, to: head, body, context)
        } catch let error as HandlerTimeout {
            server.logger.warning("\(head.request.method.rawValue) \(request.path): \(error)")
            body.abandon(.timedOut)
            state.withLock { $0.deadline = nil }
            var response = errorResponse(error.status, "\(error)", code: "request_timeout")
            // Clients that repeat what a server could not do would have it done in vain again.
            if let name = HTTPField.Name("x-should-retry") { response.fields[name] = "false" }
            return await write(response, to: head, body, context)
        } catch let error as RequestBodyError {
            guard error != .disconnected else { return .none }
            return await write(errorResponse(error.status, "\(error)"), to: head, body, context)
        } catch let error as RouteError {
            var response = errorResponse(error.status, "\(error)")
            if case .methodNotAllowed(let allowed) = error { response.fields[.allow] = allowed }
            return await write(response, to: head, body, context)
        } catch {
            // Cancelled because the client left; a handler that gives up by itself still owes an answer.
            if error is CancellationError, Task.isCancelled { return .none }
            server.logger.error("\(head.request.method.rawValue) \(request.path) failed: \(error)")
            return await write(errorResponse(.internalServerError, "the server failed"), to: head, body, context)
        }
    }

    /// Runs the handler; where its time is limited, in a task of its own that need not be waited for.
    private func respond(to request: ServerRequest) async throws -> ServerResponse {
        let handler = server.handler
        guard let limit = server.configuration.requestTimeout else { return try await handler.respond(to: request) }
        let call = HandlerCall()
        state.withLock { state in
            state.deadline = .now + limit
            state.call = call
        }
        defer { state.withLock { $0.call = nil } }
        return try await call.run { try await handler.respond(to: request) }
    }

    private func errorResponse(_ status: HTTPResponse.Status, _ message: String, code: String? = nil) -> ServerResponse {
        let (type, bytes) = server.configuration.errorBody(status, message, code)
        return ServerResponse(status: status, fields: [.contentType: type], body: .bytes(bytes))
    }

    /// Writes an answer. Where the body was not read to its end, the connection cannot go on after it.
    private func write(
        _ response: ServerResponse,
        to head: RequestHead,
        _ body: BodyReader,
        _ context: RequestContext
    ) async -> Outcome {
        var outcome = Outcome(after: .abort, status: response.status)
        let fields = Self.fields(response, context)
        let isBodiless = head.request.method == .head || response.status.code == 204 || response.status.code == 304
        var closes = !head.keepsAlive || !body.isFinished || isDraining
        enter(.working)
        do {
            switch response.body {
            case .bytes(let bytes):
                let framing: ResponseEncoder.Framing = response.status.code == 204 ? .none : .length(bytes.count)
                var message = ResponseEncoder.head(
                    response.status,
                    fields,
                    framing: framing,
                    closes: closes,
                    minorVersion: head.minorVersion
                )
                if !isBodiless { message += bytes }
                try await output.write(message)
                outcome.bodyBytes = isBodiless ? 0 : bytes.count
            case .stream(let write):
                let hasNoBody = response.status.code == 204 || response.status.code == 304
                let isChunked = head.minorVersion == 1 && !hasNoBody
                closes = closes || !isChunked && !hasNoBody
                let framing: ResponseEncoder.Framing = hasNoBody ? .none : isChunked ? .chunked : .untilClose
                try await output.write(
                    ResponseEncoder.head(
                        response.status,
                        fields,
                        framing: framing,
                        closes: closes,
                        minorVersion: head.minorVersion
                    )
                )
                if !isBodiless {
                    defer { outcome.bodyBytes = output.bodyBytes }
                    try await stream(write, isChunked: isChunked)
                    if isChunked { try await output.write(ResponseEncoder.lastChunk) }
                }
            }
            if closes { try await output.flush() }
        } catch {
            let path = head.request.path.map { $0.prefix { $0 != "?" } } ?? ""
            if state.withLock({ $0.isCut }) {
                server.logger.warning("\(head.request.method.rawValue) \(path) was cut off: it took longer than the request's time-out")
            } else if !(error is ResponseWriterError || error is CancellationError) {
                server.logger.error("\(head.request.method.rawValue) \(path) failed midway: \(error)")
            }
            // What was written before the failure still arrives; the body's end does not.
            try? await output.flush()
            return outcome
        }
        outcome.isWhole = true
        outcome.after = closes ? .close : .keepAlive
        return outcome
    }

    /// The fields of an answer, with the request's id.
    private static func fields(_ response: ServerResponse, _ context: RequestContext) -> HTTPFields {
        var fields = response.fields
        if let field = RequestID.field { fields[field] = context.id }
        return fields
    }

    /// Runs what writes a body. When it has returned, its writer is of no more use to anybody.
    private func stream(_ write: @Sendable (ResponseWriter) async throws -> Void, isChunked: Bool) async throws {
        let number = output.beginResponse()
        defer { output.endResponse() }
        try await write(ResponseWriter(output, isChunked: isChunked, response: number))
    }

    /// Answers what is not a request.
    private func refuse(_ status: HTTPResponse.Status, _ reason: String) async {
        _ = await observed(RequestContext(), nil) { context in await writeRefusal(status, reason, context) }
    }

    private func writeRefusal(_ status: HTTPResponse.Status, _ reason: String, _ context: RequestContext) async -> Outcome {
        var outcome = Outcome(after: .close, status: status)
        let response = errorResponse(status, reason)
        guard case .bytes(let bytes) = response.body else { return outcome }
        let fields = Self.fields(response, context)
        let head = ResponseEncoder.head(status, fields, framing: .length(bytes.count), closes: true, minorVersion: 1)
        do {
            try await output.write(head + bytes)
            try await output.flush()
            outcome.bodyBytes = bytes.count
            outcome.isWhole = true
        } catch {
            // Nobody is there to read it; the connection ends either way.
        }
        return outcome
    }

    // MARK: The end

    /// Ends the connection. An answer that may cross bytes which the peer still sends would be lost to a reset if the socket were closed at
    /// once: the write side is shut, and what arrives is read and dropped for a bounded time and size.
    private func close(lingering: Bool) async {
        enter(.closing)
        if lingering {
            output.shutdownWriting()
            input.goOn()
            var dropped = 0
            while dropped < 64 << 20 {
                dropped += input.consume { bytes, _ in (bytes.count, used: bytes.count) }
                let status = input.status
                if status.isEnded, status.count == 0 { break }
                await input.waitForMore(than: 0)
            }
        }
        cancel()
    }

    /// Lets go of the socket; whatever waits for it wakes up.
    func cancel() {
        input.cancel()
        output.cancel()
        state.withLock { $0.task }?.cancel()
    }

    /// The peer is gone, or has closed its side: a running handler is cancelled.
    private func peerLeft() {
        let task = state.withLock { $0.isHandling ? $0.task : nil }
        task?.cancel()
    }

    /// The server stops. A request that comes within `idleTimeout` is answered still, for it may be on its way already: HTTP/1.1 lets a client send one
    /// in the moment that the server closes (RFC 9112, section 9.5). Its answer is the connection's last, and says so. Where none comes the connection ends.
    func drain(idleTimeout: Duration) {
        let turn = input.turn
        if state.withLock({ $0.drain(idleTimeout: idleTimeout) }) { input.giveUp(in: turn) }
    }

    private var isDraining: Bool {
        state.withLock { $0.drainIdleTimeout != nil }
    }

    /// Whether the server stops, and no request is waited for any more.
    private var endsWhenIdle: Bool {
        state.withLock { state in state.drainIdleTimeout.map { $0 <= .zero } ?? false }
    }

    // MARK: Time-outs

    private func enter(_ phase: ConnectionState.Phase) {
        state.withLock { $0.enter(phase) }
    }

    /// A handler waits for the body, at most so long.
    func expectBody(for limit: Duration) {
        enter(.body(limit))
    }

    /// A piece of the body is there.
    func bodyArrived() {
        enter(.working)
    }

    /// Whether the input ended because the peer was too slow.
    var hasTimedOut: Bool {
        state.withLock { $0.hasTimedOut }
    }

    /// Ends what takes too long; called now and then by the server.
    func enforceTimeouts(_ now: ContinuousClock.Instant) {
        let configuration = server.configuration
        if output.isStalled(for: configuration.writeTimeout, at: now) { return cancel() }
        if let overdue = state.withLock({ $0.overdue(at: now) }) { return end(overdue) }
        guard state.withLock({ $0.isLate(at: now, configuration) }) else { return }
        // Once more, for it may have gone on before its turn was known.
        let turn = input.turn
        if state.withLock({ $0.giveUp(at: now, configuration) }) { input.giveUp(in: turn) }
    }

    /// Ends a request that takes longer than requests may.
    private func end(_ overdue: ConnectionState.Overdue) {
        switch overdue {
        case .answer: cancel()
        case .handler(let call, let awaitsBody):
            guard let limit = server.configuration.requestTimeout else { return }
            // What is answered in the handler's place has the time that any writing has. By now it may be written, and the next request at work.
            if call.abandon(HandlerTimeout(limit: limit, awaitsBody: awaitsBody)) {
                state.withLock { if $0.call === call { $0.deadline = nil } }
            }
        }
    }
}
