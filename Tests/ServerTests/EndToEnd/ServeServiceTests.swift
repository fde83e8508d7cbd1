import Foundation
import TestSupport
import Testing

@Suite(
    "rudder serve as a service, and rudder health",
    .serialized,
    .enabled(if: RudderProcess.path != nil, "needs the built program"),
    .enabled(if: TestServer.tinyModel != nil, "needs golden/models/llama3")
)
struct ServeServiceTests {
    private let folder: TemporaryDirectory
    private let model: String

    init() throws {
        folder = try TemporaryDirectory()
        model = try #require(TestServer.tinyModel)
    }

    private func serve(_ environment: [String: String] = [:]) throws -> RudderProcess {
        try RudderProcess(["serve", "--model", "tiny=\(model)", "--port", "0"], environment: environment, folder: folder.url)
    }

    private func health(_ arguments: [String] = [], _ environment: [String: String] = [:]) async throws -> (status: Int32, RudderProcess) {
        let process = try RudderProcess(["health"] + arguments, environment: environment, folder: folder.url)
        let status = try await process.status()
        try await Task.sleep(for: .milliseconds(100))
        return (status, process)
    }

    @Test("the service manager is told of the start, of a reload and of the end, in their order")
    func notifies() async throws {
        let name = folder.url.appendingPathComponent("notify").path
        let socket = try NotifySocket(name)
        let server = try serve(["NOTIFY_SOCKET": name])
        let ready = try await socket.next()
        let port = try await server.port()
        #expect(ready == ["READY": "1", "STATUS": "listening on http://127.0.0.1:\(port)"])
        server.send(SIGHUP)
        #expect(try await socket.next()["RELOADING"] == "1")
        #expect(try await socket.next() == ready)
        server.send(SIGTERM)
        #expect(try await socket.next()["STOPPING"] == "1")
        #expect(try await server.status() == 0)
    }

    @Test("a manager that is not there is a warning, and the server serves")
    func noManager() async throws {
        let server = try serve(["NOTIFY_SOCKET": "/none/notify"])
        let client = try await server.ready()
        #expect(try await client.send("GET", "/ready").status == 200)
        try await server.wait(for: "the warning") { server.errorText.contains("'/none/notify'") }
    }

    @Test("a server that drains answers what still comes on its connections, says that it drains, and ends when nobody asks any more")
    func drains() async throws {
        let server = try serve(["RUDDER_SERVER_DRAIN_IDLE_SECONDS": "3"])
        let port = try await server.port()
        let connection = try TestConnection(port: port)
        let body = #"{"model": "tiny", "prompt": "x", "max_tokens": 4, "ignore_eos": true}"#
        let request = "POST /v1/completions HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        try await connection.write(Array(request.utf8))
        _ = try await connection.read(until: "\"completion_tokens\":4")
        let other = try TestConnection(port: port)
        server.send(SIGTERM)
        try await server.wait(for: "the drain") { server.errorText.contains("finishing what runs") }
        try await Task.sleep(for: .milliseconds(500))
        try await other.write(Array("GET /ready HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
        #expect(try await other.answer().status == 503)
        try await connection.write(Array(request.utf8))
        let answers = try await connection.read(until: "Connection: close").components(separatedBy: "HTTP/1.1 200")
        #expect(answers.count == 3, "the second is answered, too")
        connection.close()
        other.close()
        let begun = ContinuousClock.now
        #expect(try await server.status() == 0)
        #expect(ContinuousClock.now - begun < .seconds(2))
    }

    @Test(
        "a server that is told to end while it loads its models ends at once, and never listens",
        .enabled(if: GoldenFiles.model != nil, "needs the default model: make model")
    )
    func endsWhileLoading() async throws {
        let large = try #require(GoldenFiles.model?.path)
        let server = try RudderProcess(
            ["serve", "--model", "tiny=\(model)", "--model", "large=\(large)", "--port", "0"],
            environment: ["RUDDER_BATCHES_DIRECTORY": ""],
            folder: folder.url
        )
        try await server.wait(for: "the first model") { server.errorText.contains("loaded tiny") }
        server.send(SIGTERM)
        #expect(try await server.status() == 0)
        #expect(!server.outputText.contains("listening") && !server.errorText.contains("finishing what runs"))
    }

    @Test("rudder health is 0 where the server is ready, by the configuration or by --url, and 1 with a way out where there is none")
    func healthCommand() async throws {
        let server = try serve()
        let port = try await server.port()
        for (arguments, environment) in [
            (["--url", "http://127.0.0.1:\(port)/"], [:]), ([], ["RUDDER_SERVER_PORT": "\(port)"]),
            ([], ["RUDDER_SERVER_PORT": "\(port)", "RUDDER_SERVER_HOST": "0.0.0.0"]),
        ] as [([String], [String: String])] {
            let (status, process) = try await health(arguments, environment)
            #expect(status == 0 && process.outputText == "ready\n", "\(process.errorText)")
        }
        let (status, gone) = try await health(["--url", "http://127.0.0.1:1"])
        #expect(status == 1 && gone.errorText.contains("; `rudder serve` starts a server, --url says where one is"))
    }

    @Test(
        "rudder health asks the server of the configuration over TLS, whatever name its certificate has; that of --url must be trusted",
        .enabled(if: OpenSSLProgram.isAvailable, "needs the program openssl")
    )
    func healthOverTLS() async throws {
        let certificates = try TestCertificates()
        let tls = ["RUDDER_TLS_CERTIFICATE": certificates.otherServer.file, "RUDDER_TLS_KEY": certificates.otherServer.key]
        let server = try serve(tls)
        let port = try await server.port(scheme: "https")
        let (status, process) = try await health([], tls.merging(["RUDDER_SERVER_PORT": "\(port)"]) { first, _ in first })
        #expect(status == 0 && process.outputText == "ready\n", "\(process.errorText)")
        let (untrusted, refusal) = try await health(["--url", "https://127.0.0.1:\(port)"])
        #expect(untrusted == 1 && refusal.errorText.contains("not trusted"), "\(refusal.errorText)")
    }
}
