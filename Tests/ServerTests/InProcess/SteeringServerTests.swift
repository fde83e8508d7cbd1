import Server
import TestSupport
import Testing

@Suite("steered requests", .enabled(if: TestServer.tinyModel != nil, "needs golden/models/llama3"))
struct SteeringServerTests {
    private static let members = #""model": "tiny", "prompt": "def f(x)", "max_tokens": 6, "temperature": 0, "ignore_eos": true"#

    private func ask(_ server: TestServer, _ control: String, further: String = "") async throws -> JSONValue {
        try await server.client.post("/v1/completions", "{\(Self.members)\(further), \"control\": \(control)}").json()
    }

    @Test("settings come from the request, then the head's metadata, then the defaults")
    func settings() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            try await server.upload("still", metadata: ["steps": "0"])
            func moved(_ control: String) async throws -> Double {
                try #require(try await ask(server, control)["control"]?["norm"]?.double)
            }
            #expect(try await moved(#"{"head": "still"}"#) == 0)
            #expect(try await moved(#"{"head": "still", "steps": 3}"#) > 0)
            #expect(try await moved(#"{"heads": [{"name": "still"}]}"#) > 0)
            #expect(try await moved(#"{"heads": [{"name": "still"}], "steps": null}"#) == 0)
        }
    }

    @Test("a version can be named; without one the newest is used")
    func versions() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            try await server.upload("mine", seed: 1)
            try await server.upload("mine", seed: 2)
            #expect(try await ask(server, #"{"head": "mine"}"#)["control"]?["version"]?.integer == 2)
            let first = try await ask(server, #"{"head": "mine@1"}"#)["control"]
            #expect(first?["version"]?.integer == 1)
            #expect(first?["head"]?.text == "mine")
            #expect(try await ask(server, #"{"head": "mine@3"}"#)["error"]?["param"]?.text == "control.head")
        }
    }

    @Test("a request in flight keeps the version it began with")
    func inFlight() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            try await server.upload("mine", seed: 1)
            let connection = try await server.client.open(
                "POST",
                "/v1/completions",
                body: Array(
                    #"{"model": "tiny", "prompt": "x", "max_tokens": 200, "ignore_eos": true, "stream": true, "control": {"head": "mine"}}"#
                        .utf8
                )
            )
            _ = try await connection.read(until: "text_completion")
            try await server.upload("mine", seed: 2)
            let report = try #require(try await connection.answer().events().last?["control"])
            #expect(report["version"]?.integer == 1)
            #expect(try await ask(server, #"{"head": "mine"}"#)["control"]?["version"]?.integer == 2)
        }
    }

    @Test("a mixture reports its heads with their weights")
    func mixture() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            try await server.upload("a", seed: 1)
            try await server.upload("b", seed: 2)
            let control = try #require(
                try await ask(server, #"{"heads": [{"name": "a"}, {"name": "b", "weight": -0.5}], "steps": 5}"#)["control"]
            )
            #expect(control["heads"]?.elements.map { $0["name"]?.text } == ["a", "b"])
            #expect(control["heads"]?.elements.map { $0["weight"]?.double } == [1, -0.5])
            #expect(control["head"] == .null && control["version"] == .null)
            #expect(control["tokens"]?.integer == 6)
        }
    }

    @Test("a head of a site between blocks steers there; what that site has not is refused by its field")
    func layerSite() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            try await server.upload("inner", metadata: ["site": "layer.1"])
            try await server.upload("final")
            let cards = try await server.client.send("GET", "/v1/heads").json()["data"]?.elements
            #expect(cards?.first { $0["name"]?.text == "inner" }?["site"]?.text == "layer.1")
            let capture = #", "capture": {"site": "layer.1", "to": 2}"#
            let plain = try await server.client.post("/v1/completions", "{\(Self.members)\(capture)}").json()["choices"]?.elements[0]
            let answer = try await ask(server, #"{"head": "inner", "steps": 20, "trace": true}"#, further: capture)
            let report = try #require(answer["control"])
            #expect(report["tokens"]?.integer == 6 && report["kl"] == .null && report["norm"]?.double ?? 0 > 0.01)
            #expect(report["value_after"]?.double ?? 0 > report["value_before"]?.double ?? 1)
            let choice = try #require(answer["choices"]?.elements.first)
            #expect(
                choice["control_trace"]?.elements.count == 6 && choice["control_trace"]?.elements.allSatisfy { $0["kl"] == .null } == true
            )
            #expect(choice["capture"]?["site"]?.text == "layer.1")
            #expect(choice["capture"]?["data"]?.text != plain?["capture"]?["data"]?.text)

            // Answers of one request are steered alike, and a prompt that is read aloud is read plainly.
            let several = try await ask(server, #"{"head": "inner", "steps": 20}"#, further: #", "n": 3"#)
            #expect(Set(several["choices"]?.elements.compactMap { $0["text"]?.text } ?? []) == [choice["text"]?.text])
            let echoed = try await ask(server, #"{"head": "inner", "steps": 20}"#, further: #", "echo": true, "logprobs": 1"#)["choices"]?
                .elements[0]
            let text = try #require(choice["text"]?.text)
            #expect(echoed?["text"]?.text == "def f(x)" + text)
            let read = try await server.client.post("/v1/completions", "{\(Self.members), \"echo\": true, \"logprobs\": 1}").json()
            let (steered, own) = (
                echoed?["logprobs"]?["token_logprobs"]?.elements ?? [], read["choices"]?[0]?["logprobs"]?["token_logprobs"]?.elements ?? []
            )
            #expect(steered.count == own.count && steered.dropLast(6) == own.dropLast(6) && steered.suffix(6) != own.suffix(6))

            let far = try await ask(server, #"{"head": "inner", "steps": 1000, "step_size": 1000}"#, further: capture)["error"]
            #expect(far?["code"]?.text == "state_too_large" && far?["param"]?.text == "capture")
            let budget = try await ask(server, #"{"head": "inner", "kl_budget": 0.1}"#)["error"]
            #expect(budget?["param"]?.text == "control.kl_budget" && budget?["message"]?.text?.contains("layer.1") == true)
            let mixed = try await ask(server, #"{"heads": [{"name": "inner"}, {"name": "final"}]}"#)["error"]
            #expect(mixed?["param"]?.text == "control" && mixed?["message"]?.text?.contains("final_norm, layer.1") == true)
            for metadata in [["site": "layer.3"], ["site": "layers.1"], ["site": "layer.1", "kl_budget": "0.1"]] {
                let bytes = try TestHeads.file(width: TestServer.tinyWidth, metadata: metadata)
                let refused = try await server.client.send("PUT", "/admin/v1/heads/bad", body: bytes)
                #expect(refused.status == 400, "\(metadata): \(refused.text)")
            }
        }
    }

    @Test("several choices are reported together, each with a trace of its own")
    func choices() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            try await server.upload("a")
            let json = try await ask(server, #"{"head": "a", "trace": true}"#, further: #", "n": 2"#)
            #expect(json["control"]?["tokens"]?.integer == 12)
            #expect(json["choices"]?.elements.map { $0["control_trace"]?.elements.count } == [6, 6])
        }
    }

    @Test("a plain request next to a steered one answers as it does alone")
    func besideOthers() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            try await server.upload("a")
            let plain = "{\(Self.members)}"
            let alone = try await server.client.post("/v1/completions", plain).json()["choices"]
            async let steered = ask(server, #"{"head": "a", "steps": 100, "step_size": 10}"#)
            async let beside = server.client.post("/v1/completions", plain)
            #expect(try await beside.json()["choices"] == alone)
            #expect(try await steered["choices"] != alone)
        }
    }

    @Test("with two models of one width, a head with a checksum steers the one it names")
    func binding() async throws {
        let path = try #require(TestServer.tinyModel)
        let other = try #require(GoldenFiles.url("models/llama3/model.gguf")?.path)
        try await TestServer.run(models: [ModelSettings(id: "tiny", path: path), ModelSettings(id: "twin", path: other)]) {
            (server: TestServer) async throws in
            try await server.upload("free")
            try await server.upload("foreign", metadata: ["model_sha256": String(repeating: "0", count: 64)])
            #expect(try await ask(server, #"{"head": "free"}"#)["control"] != nil)
            #expect(try await ask(server, #"{"head": "foreign"}"#)["control"] != nil)
            let card = try await server.client.send("GET", "/admin/v1/heads/foreign?version=1").json()
            #expect(card["steers"]?.elements.compactMap(\.text) == ["tiny", "twin"])
        }
    }
}
