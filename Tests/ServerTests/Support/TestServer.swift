import Foundation
import Inference
import Logging
import Server
import TestSupport

/// A whole server in this process, on a port of its own, with a registry that goes with it.
final class TestServer: Sendable {
    let application: Application
    let client: TestClient
    let folder: TemporaryDirectory

    /// The small random model of the golden files; nil where they are not all there.
    static let tinyModel: String? = GoldenFiles.url("models/llama3/model.gguf")?.path
    /// The id under which `tinyModel` is served.
    static let tiny = "tiny"
    /// The width of `tinyModel`.
    static let tinyWidth = 64

    private init(application: Application, client: TestClient, folder: TemporaryDirectory) {
        self.application = application
        self.client = client
        self.folder = folder
    }

    /// Starts a server, runs `body` against it and ends it.
    static func run(
        models: [ModelSettings]? = nil,
        configure: (inout ServerConfiguration) throws -> Void = { _ in },
        log: LogCapture? = nil,
        _ body: (TestServer) async throws -> Void
    ) async throws {
        let folder = try TemporaryDirectory()
        var configuration = ServerConfiguration()
        configuration.port = 0
        configuration.drainTime = .seconds(5)
        configuration.drainIdleTime = .zero
        configuration.registryDirectory = folder.url.appendingPathComponent("heads").path
        configuration.bundledHeads = nil
        configuration.batches = BatchSettings(directory: folder.url.appendingPathComponent("batches").path)
        configuration.models = models ?? tinyModel.map { [ModelSettings(id: tiny, path: $0)] } ?? []
        try configure(&configuration)
        var silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        silent.logLevel = .critical
        let application = try Application(configuration: configuration, logger: log?.logger ?? silent)
        let address = try await application.start()
        let server = TestServer(application: application, client: TestClient(port: address.port), folder: folder)
        do {
            try await body(server)
        } catch {
            await application.drain()
            throw error
        }
        await application.drain()
    }

    /// How many sequences run.
    var running: Int { application.pool.status.models.reduce(0) { $0 + $1.running } }

    /// How many sequences wait.
    var queued: Int { application.pool.status.models.reduce(0) { $0 + $1.queued } }

    /// Uploads a random head of the small model's width.
    func upload(_ name: String, seed: UInt64 = 1, scale: Float = 1, metadata: [String: String] = [:]) async throws {
        let bytes = try TestHeads.file(width: Self.tinyWidth, seed: seed, scale: scale, metadata: metadata)
        let answer = try await client.send("PUT", "/admin/v1/heads/\(name)", body: bytes)
        guard (200...201).contains(answer.status) else { throw TestFailure("upload refused: \(answer.text)") }
    }
}
