import Foundation
import Server
import TestSupport
import Testing

@Suite(
    "rudder serve with API keys",
    .enabled(if: RudderProcess.path != nil, "needs the built program"),
    .enabled(if: TestServer.tinyModel != nil, "needs golden/models/llama3")
)
struct ServeAccessTests {
    private let folder: TemporaryDirectory
    private let model: String

    init() throws {
        folder = try TemporaryDirectory()
        model = try #require(TestServer.tinyModel)
    }

    private func run(_ arguments: [String], input: URL? = nil) async throws -> (status: Int32, output: String, errors: String) {
        let process = try RudderProcess(arguments, input: input, folder: folder.url)
        let status = try await process.status()
        return (status, process.outputText, process.errorText)
    }

    /// Makes a key by the program, adds its entry to a file, and returns the key.
    private func add(_ arguments: [String], to file: URL) async throws -> String {
        let (status, entry, told) = try await run(["keys", "new"] + arguments)
        #expect(status == 0)
        let before = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
        try (before + entry).write(to: file, atomically: true, encoding: .utf8)
        let secret = String(try #require(told.split(separator: "\n").last))
        #expect(secret.hasPrefix("sk-rudder-") && secret.count == 53 && !entry.contains(secret))
        return secret
    }

    @Test(
        "a key that the program made opens the server; SIGHUP takes further keys and tokens, limits, the time to drain and the log's level"
    )
    func keys() async throws {
        let (keys, yaml) = (folder.url.appendingPathComponent("keys.yaml"), folder.url.appendingPathComponent("rudder.yaml"))
        try "access:\n  keys_file: \(keys.path)\n".write(to: yaml, atomically: true, encoding: .utf8)
        let alice = try await add(["alice", "--requests-per-minute", "100"], to: keys)
        let server = try RudderProcess(
            ["serve", "--config", yaml.path, "--model", "tiny=\(model)", "--port", "0"],
            environment: ["RUDDER_BATCHES_DIRECTORY": ""],
            folder: folder.url
        )
        let client = try await server.ready()
        func status(_ key: String, _ path: String = "/v1/models") async throws -> Int {
            try await client.send("GET", path, fields: [("Authorization", "Bearer \(key)")]).status
        }
        #expect(try await [status(alice), status("sk-rudder-none")] == [200, 401])
        let bob = try await add(["bob", "--model", "tiny", "--head", "a"], to: keys)
        #expect(try await status(bob) == 401)
        let (hashing, hash, token) = try await run(["keys", "hash", "--generate"])
        #expect(hashing == 0)
        try """
        access:
          keys_file: \(keys.path)
        admin:
          token: \(hash.trimmingCharacters(in: .newlines))
        limits:
          max_tokens: 3
          running: 3
        log:
          level: debug
        server:
          drain_seconds: 7
        """.write(to: yaml, atomically: true, encoding: .utf8)
        server.send(SIGHUP)
        try await server.wait(for: "the reading") { server.errorText.contains("take a restart") }
        #expect(server.errorText.contains("changed=") && server.errorText.contains("limits.running"))
        #expect(try await [status(alice), status(bob)] == [200, 200])
        #expect(try await status(alice, "/admin/v1/heads") == 401)
        #expect(try await status(String(try #require(token.split(separator: "\n").last)), "/admin/v1/heads") == 200)
        let long = #"{"model": "tiny", "prompt": "x", "max_tokens": 4}"#
        #expect(try await client.post("/v1/completions", long, fields: [("Authorization", "Bearer \(bob)")]).status == 400)
        _ = try await client.send("GET", "/health")
        try await server.wait(for: "a line at debug") { server.errorText.contains(" debug ") }

        try "alice: {}\n".write(to: keys, atomically: true, encoding: .utf8)
        server.send(SIGHUP)
        try await server.wait(for: "the refusal") { server.errorText.contains("stays as it was") }
        #expect(server.errorText.contains("alice.hash"))
        #expect(try await [status(alice), status(bob)] == [200, 200])
        for secret in [alice, bob] { #expect(!server.errorText.contains(secret)) }
        server.send(SIGTERM)
        #expect(try await server.status() == 0)
        #expect(server.errorText.contains("for at most 7.0 seconds"))
    }

    @Test("where other machines reach it, a server without keys does not start unless it is told to, and then warns")
    func reach() async throws {
        let arguments = ["serve", "--model", "tiny=\(model)", "--port", "0", "--host", "0.0.0.0"]
        let (status, _, errors) = try await run(arguments)
        #expect(status == 1 && errors.contains("access.keys_file") && errors.contains("access.open"))
        let server = try RudderProcess(
            arguments,
            environment: ["RUDDER_ACCESS_OPEN": "true", "RUDDER_BATCHES_DIRECTORY": ""],
            folder: folder.url
        )
        try await server.wait(for: "the warning") { server.errorText.contains("warning 0.0.0.0:") }
        #expect(server.errorText.contains("whoever reaches it can use the server"))
        server.send(SIGTERM)
        #expect(try await server.status() == 0)
    }

    @Test("keys are listed with what they may do, and what is no secret, no name or no limit is refused")
    func commands() async throws {
        let keys = folder.url.appendingPathComponent("keys.yaml")
        _ = try await add(["alice", "--tokens-per-minute", "5", "--head", "a", "--head", "b"], to: keys)
        let (status, table, _) = try await run(["keys", "list", keys.path])
        #expect(status == 0 && table.contains("alice") && table.contains("a,b") && table.contains("all"))
        #expect(try await run(["keys", "list", folder.url.appendingPathComponent("none").path]).errors.contains("no such file"))
        #expect(try await run(["keys", "new", "a b"]).status == 64)
        #expect(try await run(["keys", "new", "a", "--tokens-per-minute", "-1"]).status == 64)
        let secret = folder.url.appendingPathComponent("secret")
        for (text, isGood) in [("short", false), ("long enough but spaced", false), ("long-enough-and-plain", true)] {
            try (text + "\n").write(to: secret, atomically: true, encoding: .utf8)
            let (status, output, _) = try await run(["keys", "hash"], input: secret)
            #expect((status == 0) == isGood, "\(text)")
            #expect(SecretHash(parsing: output.trimmingCharacters(in: .newlines))?.matches(text) == (isGood ? true : nil))
        }
    }
}
