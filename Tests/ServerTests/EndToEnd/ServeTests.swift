import Foundation
import ModelFiles
import Server
import TestSupport
import Testing

@Suite(
    "rudder serve, as its users run it",
    .serialized,
    .enabled(if: RudderProcess.path != nil, "needs the built program"),
    .enabled(if: TestServer.tinyModel != nil, "needs golden/models/llama3")
)
struct ServeTests {
    private let folder: TemporaryDirectory
    private let model: String

    init() throws {
        folder = try TemporaryDirectory()
        model = try #require(TestServer.tinyModel)
    }

    private func serve(_ arguments: [String] = [], environment: [String: String] = [:]) throws -> RudderProcess {
        try RudderProcess(["serve", "--model", "tiny=\(model)", "--port", "0"] + arguments, environment: environment, folder: folder.url)
    }

    @Test("the ready line, an upload, a steered stream, 401s, and heads that outlive kill -9")
    func wholeStory() async throws {
        let environment = ["RUDDER_ADMIN_TOKEN": "secret"]
        let token = [("Authorization", "Bearer secret")]
        let file = try TestHeads.file(width: TestServer.tinyWidth)
        let first = try serve(environment: environment)
        let client = try await first.ready()
        #expect(try await client.send("PUT", "/admin/v1/heads/mine", body: file).status == 401)
        #expect(try await client.send("PUT", "/admin/v1/heads/mine", fields: [("Authorization", "Bearer no")], body: file).status == 401)
        #expect(try await client.send("PUT", "/admin/v1/heads/mine", fields: token, body: file).status == 201)

        let body =
            #"{"model": "tiny", "prompt": "x", "max_tokens": 8, "ignore_eos": true, "stream": true, "control": {"head": "mine", "trace": true}}"#
        let answer = try await client.post("/v1/completions", body)
        #expect(answer.text.hasSuffix("data: [DONE]\n\n"))
        #expect(try answer.events().last?["control"]?["tokens"]?.integer == 8)

        first.send(SIGKILL)
        #expect(try await first.status() == -SIGKILL)
        let second = try serve(environment: environment)
        let again = try await second.ready()
        #expect(try await again.send("GET", "/admin/v1/heads/mine?download", fields: token).body == file)
        second.send(SIGTERM)
        #expect(try await second.status() == 0)
    }

    @Test("SIGTERM lets a running stream finish; a second signal ends the program at once")
    func signals() async throws {
        let server = try serve()
        let client = try await server.ready()
        let short = #"{"model": "tiny", "prompt": "x", "max_tokens": 300, "ignore_eos": true, "stream": true}"#
        let connection = try await client.open("POST", "/v1/completions", body: Array(short.utf8))
        _ = try await connection.read(until: "text_completion")
        server.send(SIGTERM)
        let answer = try await connection.answer()
        #expect(answer.text.hasSuffix("data: [DONE]\n\n"))
        #expect(try await server.status() == 0)

        let impatient = try serve()
        let other = try await impatient.ready()
        let long = short.replacingOccurrences(of: "300", with: "1900")
        let endless = try await other.open("POST", "/v1/completions", body: Array(long.utf8))
        _ = try await endless.read(until: "text_completion")
        impatient.send(SIGINT)
        impatient.send(SIGTERM)
        let status = try await impatient.status()
        #expect(status == 128 + SIGINT || status == 128 + SIGTERM)
    }

    @Test("a closed standard output or error ends nothing")
    func closedPipe() async throws {
        let server = try serve()
        let client = try await server.ready()
        server.send(SIGPIPE)
        #expect(try await client.send("GET", "/health").status == 200)
    }

    @Test("without a token, so it is said at the start")
    func adminWarning() async throws {
        let server = try serve()
        _ = try await server.ready()
        #expect(server.errorText.contains("no admin token"))
        #expect(server.outputText.split(separator: "\n").count == 1)
    }

    @Test(
        "what cannot be served is refused at the start, by name",
        arguments: [
            (["--port", "99999"], [:], "server.port"),
            (["--config", "none.yaml"], [:], "none.yaml"),
            (["--model", "gone=/nowhere/model.gguf"], [:], "/nowhere/model.gguf"),
            ([], ["RUDDER_LIMITS_RUNNING": "many"], "limits.running"),
        ] as [([String], [String: String], String)]
    )
    func refusals(arguments: [String], environment: [String: String], expected: String) async throws {
        let server = try RudderProcess(["serve", "--port", "0"] + arguments, environment: environment, folder: folder.url)
        #expect(try await server.status() != 0)
        #expect(server.errorText.contains(expected))
        #expect(server.outputText.isEmpty)
    }

    @Test("an unknown key of Config/rudder.yaml is refused at the start, by name")
    func unknownKey() async throws {
        let config = folder.url.appendingPathComponent("Config")
        try FileManager.default.createDirectory(at: config, withIntermediateDirectories: true)
        try "server:\n  prot: 1\n".write(to: config.appendingPathComponent("rudder.yaml"), atomically: true, encoding: .utf8)
        let server = try serve()
        #expect(try await server.status() != 0)
        #expect(server.errorText.contains("'server.prot'"))
    }
}
