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
    private let server: HTTPServer
    /// Nil: there are no files and batches.
    private let batches: BatchRunner?
    private let configuration: ServerConfiguration
    private let logger: Logger

    /// Opens the registry, loads the models and starts their workers. This takes seconds and belongs on no thread that others wait for.
    ///
    /// - Parameters:
    ///   - configuration: What to serve, and how.
    ///   - logger: Where all parts of the server log to.
    package init(configuration: ServerConfiguration, logger: Logger) throws {
        self.configuration = configuration
        self.logger = logger
        registry = try ValueRegistry(
            directory: configuration.registryDirectory,
            bundledHeads: configuration.bundledHeads,
            keepVersions: configuration.keepVersions,
            logger: logger
        )
        models = try ModelLoading.load(configuration.models, logger: logger)
        pool = try ModelLoading.start(models, configuration: configuration, logger: logger)
        let steering = Steering(
            registry: registry,
            models: models,
            limits: configuration.limits,
            gramCacheBytes: configuration.gramCacheBytes,
            logger: logger
        )
        let generator = Generator(
            pool: pool,
            models: models,
            steering: steering,
            limits: configuration.limits,
            texts: configuration.logsPrompts ? TextLog(logger: logger) : nil,
            logger: logger
        )
        let chats = ChatCompletions(generator: generator)
        let completions = TextCompletions(generator: generator)
        let embeddings = TextEmbeddings(generator: generator)
        let http = HTTPMetrics()
        var groups: [any RouteGroup] = [
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
            AdminRoutes(
                registry: registry,
                steering: steering,
                access: AdminGuard(token: configuration.adminToken, asksForCertificate: configuration.adminAsksForCertificate),
                uploadBytes: configuration.limits.uploadBytes,
                logger: logger
            ),
            HealthRoutes(pool: pool),
            MetricsRoutes([http, ModelMetrics(pool: pool), HeadMetrics(registry: registry, pool: pool), ProcessMetrics()]),
            try PlaygroundRoutes(isEnabled: configuration.playground),
        ]
        if let settings = configuration.batches {
            let storage = BatchStorage(root: settings.directory, totalBytes: settings.totalBytes, logger: logger)
            let runner = BatchRunner(
                storage: storage,
                chats: chats,
                completions: completions,
                embeddings: embeddings,
                settings: settings,
                // However many are asked for, half of the queue stays free for other requests.
                concurrency: min(settings.concurrency ?? configuration.places, configuration.places + configuration.queued / 2),
                logger: logger
            )
            groups += [
                FileRoutes(storage: storage, fileBytes: settings.fileBytes),
                BatchRoutes(storage: storage, runner: runner, bodyBytes: configuration.limits.bodyBytes),
            ]
            batches = runner
        } else {
            batches = nil
        }
        routes = groups.flatMap(\.routes)
        server = HTTPServer(
            configuration: Self.httpConfiguration(configuration),
            logger: logger,
            observers: configuration.logsRequests ? [http, RequestLog(logger: logger)] : [http],
            handler: ErrorAnswers(Router(routes), logger: logger)
        )
    }

    /// Listens, and says who may use the admin API.
    ///
    /// - Returns: The address, with the port that was picked.
    package func start() async throws -> SocketAddress {
        try await batches?.start()
        let address = try await server.start()
        registry.startWatching()
        if let tls = configuration.tls { tellCertificate(tls) }
        if configuration.adminAsksForCertificate {
            logger.info("the admin API asks for a client certificate\(configuration.adminToken == nil ? "" : " and its token")")
        } else if configuration.adminToken != nil {
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
        return address
    }

    /// Reads the certificate and its key again. Where they cannot be used, the ones before stay.
    package func reload() async {
        guard let tls = configuration.tls else { return logger.notice("there is nothing to read again: the server has no certificate") }
        do {
            try await OffPool.run { [server] in try server.reloadCertificate() }
            logger.notice("the certificate was read again; connections that begin now get it")
            tellCertificate(tls)
        } catch {
            logger.error("the certificate stays as it was: \(error)")
        }
    }

    private func tellCertificate(_ tls: TLSServerSettings) {
        guard let seconds = server.certificateSecondsLeft else { return }
        let days = seconds / 86_400
        switch seconds {
        case ..<0: logger.error("the certificate '\(tls.certificate)' is no longer valid")
        case ..<(14 * 86_400): logger.warning("the certificate '\(tls.certificate)' is valid for \(days) days more")
        default: logger.info("the certificate '\(tls.certificate)' is valid for \(days) days more")
        }
    }

    /// Ends gracefully: no new connections or requests; what runs may finish within the configured time.
    package func drain() async {
        let time = configuration.drainTime
        batches?.stopBeginning()
        async let engine: Void = pool.drain(timeout: time)
        async let sockets: Void = server.shutdown(timeout: time)
        _ = await (engine, sockets)
        registry.stopWatching()
        pool.stop()
        await batches?.stop()
    }

    /// How many lines of an evaluation are made ready beyond those that run.
    private static let linesAhead = 8

    private static func httpConfiguration(_ configuration: ServerConfiguration) -> HTTPServerConfiguration {
        var http = HTTPServerConfiguration()
        http.host = configuration.host
        http.port = configuration.port
        http.tls = configuration.tls
        http.headerBytes = configuration.headerBytes
        http.bodyBytes = configuration.limits.bodyBytes
        http.connections = configuration.connections
        http.connectionsPerAddress = configuration.connectionsPerAddress
        http.headerTimeout = configuration.headerTimeout
        http.bodyTimeout = configuration.bodyTimeout
        http.idleTimeout = configuration.idleTimeout
        http.writeTimeout = configuration.writeTimeout
        http.errorBody = ErrorBody.make
        return http
    }
}
