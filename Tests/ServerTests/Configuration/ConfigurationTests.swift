import Foundation
import Server
import TestSupport
import Testing

@Suite("configuration from file, environment and flags")
struct ConfigurationTests {
    private let folder: TemporaryDirectory

    init() throws {
        folder = try TemporaryDirectory()
    }

    private func load(
        _ yaml: String,
        environment: [String: String] = [:],
        flags: [[String]: String] = [:],
        models: [String] = []
    ) async throws -> ServerConfiguration {
        let path = folder.url.appendingPathComponent("rudder.yaml").path
        try yaml.write(toFile: path, atomically: true, encoding: .utf8)
        return try await ServerConfiguration.load(path: path, environment: environment, flags: flags, modelArguments: models)
    }

    @Test("flags win over the environment, the environment over the file, the file over the defaults")
    func order() async throws {
        let yaml = "server:\n  port: 1001\n"
        let environment = ["RUDDER_SERVER_PORT": "1002"]
        #expect(try await load("").port == 8080)
        #expect(try await load(yaml).port == 1001)
        #expect(try await load(yaml, environment: environment).port == 1002)
        #expect(try await load(yaml, environment: environment, flags: [["server", "port"]: "1003"]).port == 1003)
    }

    @Test(
        "an unknown key is refused by its name, a likely one suggested",
        arguments: [
            ("sever:\n  port: 1\n", "sever", "server"),
            ("server:\n  prot: 1\n", "server.prot", "server.port"),
            ("server:\n  token: x\n", "server.token", "admin.token"),
            ("models:\n  a:\n    path: x\n    worker: 2\n", "models.a.worker", "models.a.workers"),
            ("zzzzzzzzzzzzzz: 1\n", "zzzzzzzzzzzzzz", nil),
        ]
    )
    func unknownKeys(yaml: String, name: String, suggestion: String?) async throws {
        await #expect(throws: ConfigurationError.unknownKey(name: name, suggestion: suggestion)) { try await load(yaml) }
    }

    @Test("a variable that names no key is refused where it would decide who may use the server")
    func misspeltAccess() async throws {
        for (name, meant) in [
            ("RUDDER_ACCESS_KEYFILE", "RUDDER_ACCESS_KEYS_FILE"), ("RUDDER_ADMIN_TOKENFILE", "RUDDER_ADMIN_TOKEN_FILE"),
            ("RUDDER_TLS_CERTIFICAT", "RUDDER_TLS_CERTIFICATE"), ("RUDDER_ADMINTOKEN", "RUDDER_ADMIN_TOKEN"),
            ("RUDDER_ACESS_KEYS_FILE", "RUDDER_ACCESS_KEYS_FILE"),
        ] {
            await #expect(throws: ConfigurationError.unknownVariable(name: name, suggestion: meant)) {
                try await load("", environment: [name: "x"])
            }
        }
    }

    @Test("every site may use a server without keys only with a warning")
    func openOrigins() async throws {
        #expect(try await load("access:\n  origins: \"*\"\n").warnings.contains { $0.contains("access.origins") })
        #expect(try await load("access:\n  origins: https://a.example.com\n").warnings.isEmpty)
    }

    @Test(
        "a bad value is refused by its key's name",
        arguments: [
            ("server:\n  port: 65536\n", "server.port"),
            ("server:\n  port: -1\n", "server.port"),
            ("server:\n  port: eighty\n", "server.port"),
            ("server:\n  port: 80.5\n", "server.port"),
            ("server:\n  port:\n", "server.port"),
            ("server:\n  port: [80]\n", "server.port"),
            ("server:\n  port: {a: 1}\n", "server.port"),
            ("server: 5\n", "server"),
            ("limits:\n  running: 0\n", "limits.running"),
            ("limits:\n  temperature: .nan\n", "limits.temperature"),
            ("log:\n  level: loud\n", "log.level"),
            ("models: [a]\n", "models"),
            ("models:\n  a: x\n", "models.a"),
            ("models:\n  a:\n    path: \"\"\n", "models.a.path"),
            ("models:\n  a:\n    path: x\n    workers: 0\n", "models.a.workers"),
        ]
    )
    func badValues(yaml: String, name: String) async throws {
        let error = await #expect(throws: ConfigurationError.self) { try await load(yaml) }
        guard case .badValue(name, _, _, _)? = error else {
            throw TestFailure("expected a bad value of \(name), got \(String(describing: error))")
        }
    }

    @Test("a bad value from the environment or a flag is refused by key and source")
    func badOverrides() async throws {
        let error = await #expect(throws: ConfigurationError.self) { try await load("", environment: ["RUDDER_SERVER_PORT": "x"]) }
        #expect(error?.description.contains("'server.port'") == true)
        #expect(error?.description.contains("RUDDER_SERVER_PORT") == true)
        let other = await #expect(throws: ConfigurationError.self) { try await load("", flags: [["server", "port"]: "x"]) }
        #expect(other?.description.contains("command line") == true)
    }

    @Test("a key that stands twice, a document that is no mapping and a missing file are refused")
    func malformed() async throws {
        await #expect(throws: ConfigurationError.self) { try await load("server:\n  port: 1\n  port: 2\n") }
        await #expect(throws: ConfigurationError.self) { try await load("- a\n") }
        await #expect(throws: ConfigurationError.self) { try await load("a: [\n") }
        let error = await #expect(throws: ConfigurationError.self) {
            try await ServerConfiguration.load(path: "/nowhere/rudder.yaml", environment: [:])
        }
        #expect(error?.description.contains("/nowhere/rudder.yaml") == true)
    }

    @Test("a certificate needs its key and a key its certificate; client certificates need authorities")
    func tls() async throws {
        for (text, missing) in [
            ("tls:\n  certificate: a\n", "tls.key"), ("tls:\n  key: a\n", "tls.certificate"),
            ("tls:\n  client_authorities: a\n", "tls.certificate"),
            ("tls:\n  certificate: a\n  key: b\nadmin:\n  client_certificate: true\n", "tls.client_authorities"),
        ] {
            let error = await #expect(throws: ConfigurationError.self) { try await load(text) }
            #expect(error?.description.contains("'\(missing)' is missing") == true, "\(text)")
        }
        let whole = try await load("tls:\n  certificate: a\n  key: b\n  client_authorities: c\nadmin:\n  client_certificate: true\n")
        #expect(whole.access.tls?.certificate == "a" && whole.access.tls?.key == "b" && whole.access.tls?.clientAuthorities == "c")
        #expect(try await load("server:\n  port: 1\n").access.tls == nil)
    }

    @Test("models come from the file, with the environment over their keys")
    func models() async throws {
        let yaml = "models:\n  Qwen2.5:\n    path: a.gguf\n    workers: 2\n    context: 512\n  other:\n    path: b.gguf\n"
        var expected = ModelSettings(id: "Qwen2.5", path: "a.gguf")
        expected.workers = 2
        expected.context = 512
        #expect(try await load(yaml).models == [expected, ModelSettings(id: "other", path: "b.gguf")])
        expected.workers = 3
        #expect(try await load(yaml, environment: ["RUDDER_MODELS_QWEN2_5_WORKERS": "3"]).models[0] == expected)
        await #expect(throws: ConfigurationError.self) { try await load("models:\n  a:\n    workers: 2\n") }
    }

    @Test("--model replaces the file's models and understands paths, ids and names")
    func modelArguments() async throws {
        let known = folder.url.appendingPathComponent("SmolLM2-135M-Instruct.Q4_1.gguf").path
        let other = folder.url.appendingPathComponent("tiny.v2.gguf").path
        for path in [known, other] { try "x".write(toFile: path, atomically: true, encoding: .utf8) }
        let yaml = "models:\n  mine:\n    path: m.gguf\n    workers: 4\n"
        let models = try await load(yaml, models: [known, other, "mine", "again=\(known)"]).models
        #expect(models.map(\.id) == ["smollm2", "tiny.v2", "mine", "again"])
        #expect(models.map(\.path) == [known, other, "m.gguf", known])
        #expect(models[2].workers == 4)
        #expect(try await load("", models: ["smollm2"]).models == [ModelCatalogue.standard])
        await #expect(throws: ConfigurationError.self) { try await load("", models: [known, known]) }
    }

    @Test("the admin token comes from the stronger of its two keys")
    func adminToken() async throws {
        let file = folder.url.appendingPathComponent("token")
        try "from-file\n".write(to: file, atomically: true, encoding: .utf8)
        let yaml = "admin:\n  token_file: \(file.path)\n"
        func opens(_ token: String, _ yaml: String, environment: [String: String] = [:]) async throws -> Bool {
            try await load(yaml, environment: environment).access.adminTokens.contains { $0.matches(token) }
        }
        #expect(try await load("").access.adminTokens.isEmpty)
        #expect(try await opens("from-file", yaml))
        #expect(try await opens("from-environment", yaml, environment: ["RUDDER_ADMIN_TOKEN": "from-environment"]))
        #expect(try await !opens("from-file", yaml, environment: ["RUDDER_ADMIN_TOKEN": "from-environment"]))
        #expect(try await opens("from-file", "admin:\n  token: a\n", environment: ["RUDDER_ADMIN_TOKEN_FILE": file.path]))
        await #expect(throws: ConfigurationError.self) { try await load(yaml + "  token: a\n") }
        await #expect(throws: ConfigurationError.self) { try await load("admin:\n  token_file: /nowhere\n") }
    }

    @Test("a file may hold several tokens, themselves or as hashes, and what claims to be a hash and is none is refused")
    func severalAdminTokens() async throws {
        let file = folder.url.appendingPathComponent("tokens")
        let hash = try SecretHash(of: "a-token-of-enough-bytes").text
        try "# operators\n\n\(hash)\n  another-token-of-enough-bytes \r\n".write(to: file, atomically: true, encoding: .utf8)
        let configuration = try await load("admin:\n  token_file: \(file.path)\n")
        #expect(configuration.access.adminTokens.count == 2 && configuration.warnings.isEmpty)
        for token in ["a-token-of-enough-bytes", "another-token-of-enough-bytes"] {
            #expect(configuration.access.adminTokens.contains { $0.matches(token) })
        }
        #expect(!configuration.access.adminTokens.contains { $0.matches(hash) })
        await #expect(throws: ConfigurationError.self) { try await load("admin:\n  token: \"\(hash)0\"\n") }
        #expect(try await load("admin:\n  token: short\n").warnings.first?.contains("admin.token") == true)
    }

    @Test("who may use a server is read for a server alone")
    func accessIsRead() async throws {
        let yaml = "access:\n  keys_file: /nowhere/keys.yaml\n"
        await #expect(throws: ConfigurationError.self) { try await load(yaml) }
        let file = folder.url.appendingPathComponent("c.yaml")
        try yaml.write(to: file, atomically: true, encoding: .utf8)
        _ = try await ServerConfiguration.load(path: file.path, environment: [:], readsAccess: false)
    }

    @Test("another reading is told apart by keys: those that a running server takes over, and those that take a restart")
    func changedKeys() async throws {
        let before = try await load("limits:\n  steps: 10\n")
        let after = try await load("limits:\n  steps: 20\n  running: 4\nadmin:\n  token: a\nlog:\n  level: debug\n")
        let changed = before.changedKeys(after)
        #expect(changed.taken == ["admin.token", "limits.steps", "log.level"] && changed.left == ["limits.running"])
        let taken = before.taking(after)
        #expect(taken.limits.steps == 20 && taken.running == before.running && taken.access.adminTokens.count == 1)
        #expect(taken.changedKeys(after).taken.isEmpty && taken.changedKeys(after).left == ["limits.running"])
    }

    @Test("the token is in no message")
    func secret() async throws {
        let error = await #expect(throws: ConfigurationError.self) { try await load("", environment: ["RUDDER_ADMIN_TOKEN": "s3cr\0et"]) }
        #expect(error?.description.contains("s3cr") == false)
    }

    @Test("a variable that names no key is told of")
    func unknownVariables() async throws {
        // The last two are of the kind that Kubernetes sets for a service of that name.
        let configuration = try await load(
            "",
            environment: [
                "RUDDER_SERVER_PROT": "1", "RUDDER_SERVER_PORT": "2", "PATH": "x", "RUDDER_PORT_8080_TCP_ADDR": "10.0.0.1",
                "RUDDER_SERVICE_HOST": "10.0.0.1",
            ]
        )
        let names = ["RUDDER_PORT_8080_TCP_ADDR", "RUDDER_SERVER_PROT", "RUDDER_SERVICE_HOST"]
        #expect(zip(configuration.warnings, names).allSatisfy { $0.contains($1) } && configuration.warnings.count == names.count)
    }
}
