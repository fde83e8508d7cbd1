import Foundation
import HTTP
import Inference
import Logging
import ValueRegistry

/// A server put together: models, registry, routes and the listening socket.
package final class Application: Sendable {
    /// The models that are served.
    package let models: [LoadedModel]
    /// The workers.
    package let pool: WorkerPool
    /// The value functions.
    package let registry: ValueRegistry
    /// What is answered.
    package let routes: [Route]
    let server: HTTPServer
    /// Nil: there are no files and batches.
    private let batches: BatchRunner?
    let configuration: Live<ServerConfiguration>
    let limits: Live<RequestLimits>
    let access: AccessControl
    let admin: Live<AdminGuard>
    let origins: Live<OriginPolicy>
    let logLevel: Live<Logger.Level>?
    let logger: Logger
    /// Where it listens; nil until it does.
    private let address = Live<SocketAddress?>(nil)
    /// When the certificate that it shows ends; nil where it has none.
    private let certificateEnd = Live<Date?>(nil)

    /// Opens the registry, loads the models and starts their workers. This takes seconds and belongs on no thread that others wait for.
    ///
    /// - Parameters:
    ///   - configuration: What to serve, and how.
    ///   - logger: Where all parts of the server log to.
    ///   - logLevel: The logger's level, which the configuration may change later; nil: it stays.
    package init(configuration: ServerConfiguration, logger: Logger, logLevel: Live<Logger.Level>? = nil) throws {
        try configuration.access.checkReach(host: configuration.host)
        self.configuration = Live(configuration)
        self.logger = logger
        self.logLevel = logLevel
        limits = Live(configuration.limits)
        access = AccessControl(keys: configuration.access.keys)
        admin = Live(AdminGuard(configuration.access))
        origins = Live(OriginPolicy(origins: configuration.access.origins))
        registry = try ValueRegistry(
            directory: configuration.registryDirectory,
            bundledHeads: configuration.bundledHeads,
            keepVersions: configuration.keepVersions,
            logger: logger
        )
        models = try ModelLoading.load(configuration.models, logger: logger)
        pool = try ModelLoading.start(models, configuration: configuration, logger: logger)
        let quarantine = HeadQuarantine(limit: configuration.quarantineAfter)
        let steering = Steering(
            registry: registry,
            models: models,
            limits: limits,
            gramCacheBytes: configuration.gramCacheBytes,
            quarantine: quarantine,
            logger: logger
        )
        let generator = Generator(
            pool: pool,
            models: models,
            steering: steering,
            limits: limits,
            texts: configuration.logsPrompts ? TextLog(logger: logger) : nil,
            logger: logger
        )
        let chats = ChatCompletions(generator: generator)
        let completions = TextCompletions(generator: generator)
        let embeddings = TextEmbeddings(generator: generator)
        let http = HTTPMetrics()
        var keyed: [any RouteGroup] = [
            CompletionRoutes(completions: completions),
            ChatRoutes(chats: chats),
            EvaluationRoutes(
                chats: chats,
                completions: completions,
                window: configuration.places + Self.linesAhead
            ),
            EmbeddingRoutes(embeddings: embeddings),
            TokenRoutes(generator: generator),
            ModelRoutes(models: models, created: Int(Date().timeIntervalSince1970)),
            HeadRoutes(registry: registry, steering: steering),
        ]
        // These ask for no API key: the admin API has its own tokens, and the others tell nothing of what is asked and answered.
        let open: [any RouteGroup] = [
            AdminRoutes(registry: registry, steering: steering, access: admin, limits: limits, logger: logger),
            HealthRoutes(pool: pool),
            MetricsRoutes([
                http, ModelMetrics(pool: pool), HeadMetrics(registry: registry, pool: pool, quarantine: quarantine),
                KeyMetrics(access: access), CertificateMetrics(end: certificateEnd), ProcessMetrics(),
            ]),
            try PlaygroundRoutes(isEnabled: configuration.playground),
        ]
        if let settings = configuration.batches {
            let storage = BatchStorage(root: settings.directory, totalBytes: settings.totalBytes, logger: logger)
            let runner = BatchRunner(
                storage: storage,
                chats: chats,
                completions: completions,
                embeddings: embeddings,
                access: access,
                settings: settings,
                // However many are asked for, half of the queue stays free for other requests.
                concurrency: min(settings.concurrency ?? configuration.places, configuration.places + configuration.queued / 2),
                logger: logger
            )
            keyed += [
                FileRoutes(storage: storage, fileBytes: settings.fileBytes),
                BatchRoutes(storage: storage, runner: runner, limits: limits),
            ]
            batches = runner
        } else {
            batches = nil
        }
        routes = access.guarding(keyed.flatMap(\.routes)) + open.flatMap(\.routes)
        server = HTTPServer(
            configuration: Self.httpConfiguration(configuration),
            logger: logger,
            observers: configuration.logsRequests ? [http, RequestLog(logger: logger)] : [http],
            handler: CrossOrigin(ErrorAnswers(Router(routes), logger: logger)) { [origins] in origins.value }
        )
    }

    /// Listens, and says who may use what.
    ///
    /// - Returns: The address, with the port that was picked.
    package func start() async throws -> SocketAddress {
        try await batches?.start()
        let address = try await server.start()
        registry.startWatching()
        self.address.value = address
        tellAccess()
        return address
    }

    /// Says who may use what, as a warning where that is everybody.
    func tellAccess() {
        guard let address = address.value else { return }
        let settings = configuration.value.access
        if let tls = settings.tls { tellCertificate(tls) }
        if access.asksForKeys {
            logger.info("/v1 asks for an API key; there are \(access.keyCount)")
        } else if !address.isLoopback {
            logger.warning("\(address) is not a loopback address, and no API keys are asked for: whoever reaches it can use the server")
        }
        if settings.adminAsksForCertificate {
            logger.info("the admin API asks for a client certificate\(settings.adminTokens.isEmpty ? "" : " and its token")")
        } else if !settings.adminTokens.isEmpty {
            logger.info("the admin API asks for its token")
        } else if address.isLoopback {
            logger.warning(
                "no admin token is configured: the admin API answers every user of this machine (requests to localhost that no proxy forwarded); set RUDDER_ADMIN_TOKEN to ask for one"
            )
        } else {
            logger.warning(
                "no admin token is configured and \(address) is not a loopback address: the admin API refuses every request; set RUDDER_ADMIN_TOKEN"
            )
        }
    }

    /// Says for how long the certificate is valid.
    private func tellCertificate(_ tls: TLSServerSettings) {
        guard let seconds = server.certificateSecondsLeft else { return }
        certificateEnd.value = Date(timeIntervalSinceNow: TimeInterval(seconds))
        let days = seconds / 86_400
        switch seconds {
        case ..<0: logger.error("the certificate '\(tls.certificate)' is no longer valid")
        case ..<(14 * 86_400): logger.warning("the certificate '\(tls.certificate)' is valid for \(days) days more")
        default: logger.info("the certificate '\(tls.certificate)' is valid for \(days) days more")
        }
    }

    /// For how long at most what runs may go on once the server ends; a reload changes it.
    package var drainTime: Duration {
        configuration.value.drainTime
    }

    /// Ends gracefully: no new connections; requests that run, and those that still come on connections there are, may finish within the configured time.
    package func drain() async {
        let configuration = configuration.value
        let deadline = ContinuousClock.now + configuration.drainTime
        batches?.stopBeginning()
        pool.beginDraining()
        let idle = min(configuration.drainIdleTime, configuration.drainTime)
        await server.stopAccepting(idle: idle)
        // Another process may have files and batches as soon as nothing of this one's is under way: streams may go on for long.
        let release = Task { [batches] in await batches?.release(idle: idle) }
        let isDone = await server.waitForConnections(timeout: deadline - .now)
        while batches?.isBusy == true, .now < deadline { try? await Task.sleep(for: .milliseconds(20)) }
        // Left are lines of batches, or requests that take too long: those are told so, and only then cut off.
        await pool.drain(timeout: max(.zero, deadline - .now))
        await server.shutdown(timeout: isDone ? .zero : Self.partingTime)
        registry.stopWatching()
        pool.stop()
        release.cancel()
        await batches?.stop()
        await release.value
    }

    /// How long the error that ends an answer may take to be written.
    private static let partingTime = Duration.milliseconds(250)

    /// How many lines of an evaluation are made ready beyond those that run.
    private static let linesAhead = 8

    private static func httpConfiguration(_ configuration: ServerConfiguration) -> HTTPServerConfiguration {
        var http = HTTPServerConfiguration()
        http.host = configuration.host
        http.port = configuration.port
        http.tls = configuration.access.tls
        http.headerBytes = configuration.headerBytes
        http.bodyBytes = configuration.limits.bodyBytes
        http.connections = configuration.connections
        http.connectionsPerAddress = configuration.connectionsPerAddress
        http.headerTimeout = configuration.headerTimeout
        http.bodyTimeout = configuration.bodyTimeout
        http.minimumBodyRate = configuration.minimumBodyRate
        http.requestTimeout = configuration.requestTimeout
        http.idleTimeout = configuration.idleTimeout
        http.writeTimeout = configuration.writeTimeout
        http.errorBody = { ErrorBody.make($0, $1, code: $2) }
        return http
    }
}
