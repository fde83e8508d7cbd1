import Foundation
import Server
import TestSupport
import Testing

@Suite("API keys over a socket", .enabled(if: TestServer.tinyModel != nil, "needs golden/models/llama3"))
struct AccessServerTests {
    private static let alice = [APIKey.field("alice")]
    private static let bob = [APIKey.field("bob")]

    private static func run(
        _ keys: [APIKey],
        log: LogCapture? = nil,
        configure: (inout ServerConfiguration) throws -> Void = { _ in },
        _ body: (TestServer) async throws -> Void
    ) async throws {
        try await TestServer.run(
            configure: { configuration in
                configuration.access.keys = keys
                try configure(&configuration)
            },
            log: log,
            body
        )
    }

    private static func prompt(_ tokens: Int, more: String = "") -> String {
        #"{"model": "tiny", "prompt": "x", "max_tokens": \#(tokens), "ignore_eos": true\#(more)}"#
    }

    @Test(
        "every route that works for clients asks for a key before it reads the body, however its path is written; the others ask for none"
    )
    func everyRoute() async throws {
        try await Self.run([APIKey.make("alice")]) { (server: TestServer) async throws in
            let open = ["/", "/server", "/health", "/ready", "/metrics"]
            for route in server.application.routes where !route.path.hasPrefix("/admin/") && !route.path.hasPrefix("/playground/") {
                let path = route.path.replacing("{id}", with: "tiny").replacing("{name}", with: "a")
                let answer = try await server.client.send(route.method.rawValue, path)
                #expect((answer.status == 401) == !open.contains(route.path), "\(route.method) \(path): \(answer.status)")
            }
            for path in ["/%761/models", "/v%31/models", "/v1/%6dodels", "//v1/models", "/v1//models", "/./v1/models", "/V1/models"] {
                let status = try await server.client.send("GET", path).status
                #expect(status == 401 || status == 404, "\(path): \(status)")
            }
        }
    }

    @Test("without a key 401 as OpenAI sends it, with a wrong one too, and neither the key nor its hash is shown or logged")
    func unauthorized() async throws {
        let (key, log) = (try APIKey.make("alice"), LogCapture())
        try await Self.run([key, APIKey.make("bob")], log: log) { (server: TestServer) async throws in
            let missing = try await server.client.post("/v1/completions", Self.prompt(1))
            #expect(missing.status == 401 && missing.fields["www-authenticate"] == "Bearer")
            #expect(try missing.json()["error"]?["type"]?.text == "invalid_request_error")
            for field in ["Bearer wrong-wrong-wrong", "alice-secret", "Basic alice-secret", "Bearer", "Bearer \(key.hash.text)"] {
                let answer = try await server.client.post("/v1/completions", Self.prompt(1), fields: [("Authorization", field)])
                #expect(answer.status == 401, "\(field)")
                #expect(try answer.json()["error"]?["code"]?.text == "invalid_api_key")
                #expect(!answer.text.contains("wrong-wrong") && !answer.text.contains("secret"))
            }
            let answer = try await server.client.post("/v1/completions", Self.prompt(1), fields: Self.alice + [("X-Request-Id", "one")])
            #expect(answer.status == 200)
            let lines = try await log.lines(of: "one")
            #expect(lines.last?["key"]?.text == "alice")
            #expect(!log.text.contains("secret") && !log.text.contains("sha256:") && !log.text.contains("wrong-wrong"))
        }
    }

    @Test("a key's models and value functions are all that it sees and may use")
    func permissions() async throws {
        let model = try #require(TestServer.tinyModel)
        let alice = try APIKey.make("alice") { ($0.models, $0.heads) = (["two"], ["mine"]) }
        try await Self.run(
            [alice, APIKey.make("bob")],
            configure: { $0.models = ["one", "two"].map { ModelSettings(id: $0, path: model) } }
        ) { (server: TestServer) async throws in
            for head in ["mine", "other"] { try await server.upload(head) }
            func ids(_ path: String, _ fields: [(String, String)]) async throws -> [String?] {
                try await server.client.send("GET", path, fields: fields).json()["data"]?.elements.map { $0["id"]?.text } ?? []
            }
            #expect(try await [ids("/v1/models", Self.alice), ids("/v1/models", Self.bob)] == [["two"], ["one", "two"]])
            #expect(try await [ids("/v1/heads", Self.alice), ids("/v1/heads", Self.bob)] == [["mine"], ["mine", "other"]])
            func ask(_ body: String, _ path: String = "/v1/completions") async throws -> (Int, String?, String?) {
                let answer = try await server.client.post(path, body, fields: Self.alice)
                let error = try answer.json()["error"]
                return (answer.status, error?["code"]?.text, error?["param"]?.text)
            }
            #expect(try await ask(#"{"model": "two", "prompt": "x", "max_tokens": 1}"#).0 == 200)
            // Whether there is one that the key may not use is not told.
            for id in ["one", "three"] {
                #expect(try await ask(#"{"model": "\#(id)", "prompt": "x"}"#) == (403, "model_not_found", "model"))
                #expect(try await ask(#"{"model": "\#(id)", "input": "x"}"#, "/v1/embeddings").0 == 403)
                #expect(try await server.client.send("GET", "/v1/models/\(id)", fields: Self.alice).status == 403)
            }
            for head in ["other", "other@1", "none"] {
                let body = #"{"model": "two", "prompt": "x", "max_tokens": 1, "control": {"head": "\#(head)"}}"#
                #expect(try await ask(body) == (403, "head_not_found", "control.head"))
            }
            let mixture =
                #"{"model": "two", "prompt": "x", "control": {"heads": [{"name": "mine", "weight": 1}, {"name": "other", "weight": 1}]}}"#
            #expect(try await ask(mixture).0 == 403)
            #expect(try await ask(#"{"model": "two", "prompt": "x", "max_tokens": 1, "control": {"head": "mine"}}"#).0 == 200)
            // A line without a model is for the first that the key may use.
            let line = try await server.client.post("/v1/evaluations", #"{"prompt": "x", "max_tokens": 1}"#, fields: Self.alice)
            #expect(try JSONParser.parse(String(line.text.split(separator: "\n")[0]))["text"]?.text != nil)
            #expect(try await ask(#"{"content": "x"}"#, "/tokenize").0 == 200)
        }
    }

    @Test("limits are told in every answer, and beyond them 429 tells when to come again")
    func rateLimits() async throws {
        let alice = try APIKey.make("alice") { ($0.requestsPerMinute, $0.tokensPerMinute) = (2, 1000) }
        try await Self.run([alice, APIKey.make("bob")]) { (server: TestServer) async throws in
            let first = try await server.client.post("/v1/completions", Self.prompt(4), fields: Self.alice)
            let usage = try #require(try first.json()["usage"]?["total_tokens"]?.integer)
            #expect(first.status == 200 && first.fields["x-ratelimit-limit-requests"] == "2")
            #expect(first.fields["x-ratelimit-remaining-requests"] == "1" && first.fields["x-ratelimit-limit-tokens"] == "1000")
            let left = try #require(first.fields["x-ratelimit-remaining-tokens"].flatMap { Int($0) })
            #expect((1000 - usage...1000 - usage + 200).contains(left), "\(left)")
            // To look is not counted.
            for _ in 0..<5 { #expect(try await server.client.send("GET", "/v1/models", fields: Self.alice).status == 200) }
            #expect(try await server.client.post("/v1/completions", "{", fields: Self.alice).status == 400)
            let refused = try await server.client.post("/v1/completions", Self.prompt(4), fields: Self.alice)
            #expect(refused.status == 429 && refused.fields["x-ratelimit-remaining-requests"] == "0")
            #expect((1...30).contains(refused.fields["retry-after"].flatMap { Int($0) } ?? 0))
            #expect(try refused.json()["error"]?["code"]?.text == "rate_limit_exceeded")
            let other = try await server.client.post("/v1/completions", Self.prompt(4), fields: Self.bob)
            #expect(other.status == 200 && !other.fields.keys.contains { $0.hasPrefix("x-ratelimit") })
            let metrics = try await server.client.send("GET", "/metrics").text
            #expect(metrics.contains("rudder_api_key_requests_total{key=\"alice\"} 2\n"))
            #expect(metrics.contains("rudder_api_key_refused_total{key=\"alice\"} 1\n"))
            #expect(metrics.contains("rudder_api_key_tokens_total{key=\"alice\"} \(usage)\n"))
        }
    }

    @Test("tokens are counted as usage counts them, of every route, streamed or not")
    func tokens() async throws {
        try await Self.run([APIKey.make("alice") { $0.tokensPerMinute = 1_000_000 }]) { (server: TestServer) async throws in
            func counted() async throws -> Int {
                let lines = try await server.client.send("GET", "/metrics").text.split(separator: "\n")
                return try #require(
                    lines.first { $0.hasPrefix("rudder_api_key_tokens_total") }?.split(separator: " ").last.flatMap { Int($0) }
                )
            }
            func total(_ path: String, _ body: String, _ usage: (TestAnswer) throws -> JSONValue?) async throws {
                let before = try await counted()
                let answer = try await server.client.post(path, body, fields: Self.alice)
                let taken = try await counted() - before
                #expect(try usage(answer)?["total_tokens"]?.integer == taken, "\(path) \(body)")
            }
            try await total("/v1/completions", Self.prompt(5, more: #", "n": 3"#)) { try $0.json()["usage"] }
            try await total("/v1/completions", Self.prompt(5, more: #", "stop": ["e", "a", " "]"#)) { try $0.json()["usage"] }
            try await total("/v1/completions", Self.prompt(7, more: #", "stream": true, "stream_options": {"include_usage": true}"#)) {
                try $0.events().last?["usage"]
            }
            try await total("/v1/embeddings", #"{"model": "tiny", "input": ["some", "texts"]}"#) { try $0.json()["usage"] }
        }
    }

    @Test("answers whose length is left open take no more than a minute has, however many they are", arguments: [4, 8])
    func openAnswers(count: Int) async throws {
        try await Self.run([APIKey.make("alice") { $0.tokensPerMinute = 60 }]) { (server: TestServer) async throws in
            // Each would have sixteen tokens.
            let body = #"{"model": "tiny", "prompt": "x", "ignore_eos": true, "n": \#(count)}"#
            let answer = try await server.client.post("/v1/completions", body, fields: Self.alice)
            #expect(answer.status == 200, "\(answer.text)")
            let document = try answer.json()
            let usage = try #require(document["usage"]?["total_tokens"]?.integer)
            #expect((60 - count...60).contains(usage), "\(usage)")
            #expect(document["choices"]?.elements.map { $0["finish_reason"]?.text } == [String?](repeating: "length", count: count))
        }
    }

    @Test("a request that is refused in the midst of its choices costs no tokens")
    func refusedChoices() async throws {
        try await Self.run(
            [APIKey.make("alice") { $0.tokensPerMinute = 1000 }, APIKey.make("bob")],
            configure: { ($0.running, $0.queued) = (1, 1) }
        ) { (server: TestServer) async throws in
            let body = #"{"model": "tiny", "prompt": "x", "max_tokens": 1900, "ignore_eos": true, "stream": true}"#
            let running = try await server.client.open("POST", "/v1/completions", fields: Self.bob, body: Array(body.utf8))
            _ = try await running.read(until: "data: ")
            let refused = try await server.client.post("/v1/completions", Self.prompt(4, more: #", "n": 2"#), fields: Self.alice)
            #expect(refused.status == 429 && refused.fields["x-ratelimit-remaining-tokens"] == "1000", "\(refused.text)")
            running.close()
            let metrics = try await server.client.send("GET", "/metrics").text
            #expect(metrics.contains("rudder_api_key_tokens_total{key=\"alice\"} 0\n"))
        }
    }

    @Test("what was computed is counted, also for a client that did not wait for it")
    func hangsUp() async throws {
        try await Self.run([APIKey.make("alice") { $0.tokensPerMinute = 1_000_000 }]) { (server: TestServer) async throws in
            let texts = [String](repeating: "\"\(String(repeating: "some words ", count: 40))\"", count: 120).joined(separator: ", ")
            let body = #"{"model": "tiny", "input": [\#(texts)]}"#
            let request = try await server.client.open("POST", "/v1/embeddings", fields: Self.alice, body: Array(body.utf8))
            func tokens(_ name: String) async throws -> Int {
                let lines = try await server.client.send("GET", "/metrics").text.split(separator: "\n")
                return lines.first { $0.hasPrefix(name) }?.split(separator: " ").last.flatMap { Int($0) } ?? 0
            }
            while try await tokens("rudder_prompt_tokens_total") == 0 { try await Task.sleep(for: .milliseconds(1)) }
            request.close()
            for _ in 0..<500 where server.running > 0 { try await Task.sleep(for: .milliseconds(10)) }
            let computed = try await tokens("rudder_prompt_tokens_total")
            #expect(try await tokens("rudder_api_key_tokens_total") >= computed && computed > 0)
        }
    }

    @Test("lines of an evaluation that wait for tokens end with a reason when the server does", .timeLimit(.minutes(1)))
    func waitingLines() async throws {
        try await Self.run([APIKey.make("alice") { $0.tokensPerMinute = 200 }]) { (server: TestServer) async throws in
            let lines = (0..<3).map { #"{"id": \#($0), "prompt": "x", "max_tokens": 150, "ignore_eos": true}"# }.joined(separator: "\n")
            let answer = try await server.client.open("POST", "/v1/evaluations", fields: Self.alice, body: Array(lines.utf8))
            _ = try await answer.read(until: "\n")
            try await Task.sleep(for: .milliseconds(300))
            let begun = ContinuousClock.now
            await server.application.drain()
            #expect(ContinuousClock.now - begun < .seconds(10))
            let text = try await answer.answer().text
            #expect(text.contains("service_unavailable") && text.contains("\"summary\""), "\(text)")
        }
    }

    @Test("a stream holds its place until it has ended, and gives it back where its client goes away")
    func concurrency() async throws {
        try await Self.run([APIKey.make("alice") { $0.concurrentRequests = 1 }]) { (server: TestServer) async throws in
            let stream = try await server.client.open(
                "POST",
                "/v1/completions",
                fields: Self.alice,
                body: Array(Self.prompt(1900, more: #", "stream": true"#).utf8)
            )
            _ = try await stream.read(until: "data: ")
            #expect(try await server.client.post("/v1/completions", Self.prompt(1), fields: Self.alice).status == 429)
            #expect(try await server.client.send("GET", "/v1/models", fields: Self.alice).status == 200)
            stream.close()
            var status = 429
            for _ in 0..<500 where status == 429 {
                try await Task.sleep(for: .milliseconds(10))
                status = try await server.client.post("/v1/completions", Self.prompt(1), fields: Self.alice).status
            }
            #expect(status == 200)
            // Lines of an evaluation take their turns; none is refused.
            let lines = (0..<6).map { #"{"id": \#($0), "prompt": "x", "max_tokens": 3}"# }.joined(separator: "\n")
            let answer = try await server.client.post("/v1/evaluations", lines, fields: Self.alice)
            #expect(answer.text.contains("\"errors\":0"), "\(answer.text)")
        }
    }

    @Test("files and batches are those of the key that made them, and a batch may use what its key may")
    func owners() async throws {
        let alice = try APIKey.make("alice") { $0.models = ["none"] }
        try await Self.run([alice, APIKey.make("bob")]) { (server: TestServer) async throws in
            let client = server.client
            func upload(_ fields: [(String, String)]) async throws -> String {
                let line = TestClient.line("a", #"{"model": "tiny", "prompt": "x", "max_tokens": 2}"#)
                let form =
                    "--b\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n--b\r\n"
                    + "Content-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\n\(line)\r\n--b--\r\n"
                let type = ("Content-Type", "multipart/form-data; boundary=b")
                let answer = try await client.send("POST", "/v1/files", fields: fields + [type], body: Array(form.utf8))
                return try #require(try answer.json()["id"]?.text, "\(answer.text)")
            }
            func batch(_ file: String, _ fields: [(String, String)]) async throws -> TestAnswer {
                let body = #"{"input_file_id": "\#(file)", "endpoint": "/v1/completions", "completion_window": "24h"}"#
                return try await client.post("/v1/batches", body, fields: fields)
            }
            func ended(_ id: String, _ fields: [(String, String)]) async throws -> JSONValue {
                for _ in 0..<1000 {
                    let batch = try await client.send("GET", "/v1/batches/\(id)", fields: fields).json()
                    if batch["status"]?.text == "completed" { return batch }
                    try await Task.sleep(for: .milliseconds(20))
                }
                throw TestFailure("the batch does not end")
            }
            let (first, second) = (try await upload(Self.alice), try await upload(Self.bob))
            for (path, method) in [(second, "GET"), ("\(second)/content", "GET"), (second, "DELETE")] {
                #expect(try await client.send(method, "/v1/files/\(path)", fields: Self.alice).status == 404)
            }
            #expect(try await batch(second, Self.alice).status == 404)
            let listed = try await client.send("GET", "/v1/files", fields: Self.alice).json()["data"]?.elements
            #expect(listed?.map { $0["id"]?.text } == [first])
            let (refused, done) = (try await batch(first, Self.alice).json(), try await batch(second, Self.bob).json())
            let (refusedID, doneID) = (try #require(refused["id"]?.text), try #require(done["id"]?.text))
            #expect(try await client.send("GET", "/v1/batches/\(doneID)", fields: Self.alice).status == 404)
            #expect(try await client.post("/v1/batches/\(doneID)/cancel", "", fields: Self.alice).status == 404)
            let own = try await client.send("GET", "/v1/batches", fields: Self.alice).json()["data"]?.elements
            #expect(own?.map { $0["id"]?.text } == [refusedID])
            let ending = try await ended(doneID, Self.bob)
            #expect(ending["request_counts"]?["completed"]?.integer == 1)
            let output = try #require(ending["output_file_id"]?.text)
            #expect(try await client.send("GET", "/v1/files/\(output)/content", fields: Self.bob).status == 200)
            #expect(try await client.send("GET", "/v1/files/\(output)/content", fields: Self.alice).status == 404)
            let errors = try #require(try await ended(refusedID, Self.alice)["error_file_id"]?.text)
            let line = try await client.send("GET", "/v1/files/\(errors)/content", fields: Self.alice).text
            #expect(line.contains("\"status_code\":403"), "\(line)")
        }
    }

    @Test("another reading adds and removes keys and keeps what was taken; one that is wrong changes nothing")
    func reload() async throws {
        let limited = try APIKey.make("alice") { $0.requestsPerMinute = 1 }
        let log = LogCapture()
        try await Self.run([limited], log: log) { (server: TestServer) async throws in
            func status(_ fields: [(String, String)]) async throws -> Int {
                try await server.client.post("/v1/completions", Self.prompt(1), fields: fields).status
            }
            #expect(try await [status(Self.alice), status(Self.alice), status(Self.bob)] == [200, 429, 401])
            await server.application.reload { throw ConfigurationError.malformed(path: "keys.yaml", reason: "of a test") }
            #expect(try await [status(Self.alice), status(Self.bob)] == [429, 401])
            #expect(log.text.contains("of a test"))
            var configuration = ServerConfiguration()
            configuration.access.keys = [limited, try APIKey.make("bob")]
            configuration.limits.steps = 7
            await server.application.reload { [configuration] in configuration }
            #expect(try await [status(Self.alice), status(Self.bob)] == [429, 200])
            let steps = #", "control": {"head": "a", "steps": 8}"#
            #expect(
                try await server.client.post("/v1/completions", Self.prompt(1, more: steps), fields: Self.bob).text.contains(
                    "control.steps"
                )
            )
            // Nor does what the admin API asked for get lost.
            configuration.access.adminAsksForCertificate = true
            await server.application.reload { [configuration] in configuration }
            configuration.access.adminAsksForCertificate = false
            configuration.limits.steps = 9
            await server.application.reload { [configuration] in configuration }
            #expect(log.text.contains("the admin API asks for a client certificate; a restart does without"))
            #expect(
                try await server.client.post("/v1/completions", Self.prompt(1, more: steps), fields: Self.bob).text.contains(
                    "control.steps"
                )
            )
            configuration.access.adminAsksForCertificate = true
            configuration.access.keys = []
            await server.application.reload { [configuration] in configuration }
            #expect(try await [status(Self.alice), status(Self.bob)] == [401, 401])
            // A line that is lost lets nobody in.
            configuration.access.keys = nil
            await server.application.reload { [configuration] in configuration }
            #expect(try await [status([]), status(Self.bob)] == [401, 401])
            configuration.access.isOpen = true
            await server.application.reload { [configuration] in configuration }
            #expect(try await [status([]), status([("Authorization", "Bearer whatever")])] == [200, 200])
        }
    }

    @Test("what is refused takes no tokens, and lines of an evaluation wait for theirs until their key is gone")
    func waiting() async throws {
        let alice = try APIKey.make("alice") { ($0.tokensPerMinute, $0.concurrentRequests) = (600, 3) }
        try await Self.run([alice]) { (server: TestServer) async throws in
            // More than a minute has.
            let large = try await server.client.post("/v1/completions", Self.prompt(590, more: #", "n": 2"#), fields: Self.alice)
            #expect(large.status == 429 && large.fields["x-should-retry"] == "false")
            #expect(large.fields["x-ratelimit-remaining-tokens"] == "600")
            let lines = (0..<3).map { #"{"id": \#($0), "prompt": "x", "max_tokens": 290, "ignore_eos": true}"# }.joined(separator: "\n")
            let answer = try await server.client.post("/v1/evaluations", lines, fields: Self.alice)
            #expect(answer.text.contains("\"errors\":0"), "\(answer.text)")
            let metrics = try await server.client.send("GET", "/metrics").text
            #expect(metrics.contains("rudder_api_key_refused_total{key=\"alice\"} 1\n"))

            let body = try await server.client.open(
                "POST",
                "/v1/evaluations",
                fields: Self.alice + [("Transfer-Encoding", "chunked")]
            )
            func send(_ line: String) async throws {
                try await body.write(Array("\(String(line.utf8.count + 1, radix: 16))\r\n\(line)\n\r\n".utf8))
            }
            try await send(#"{"id": "a", "prompt": "x", "max_tokens": 1}"#)
            _ = try await body.read(until: "\"id\":\"a\"")
            var configuration = ServerConfiguration()
            configuration.access.keys = []
            await server.application.reload { [configuration] in configuration }
            try await send(#"{"id": "b", "prompt": "x", "max_tokens": 1}"#)
            #expect(try await body.read(until: "\"line\":2").contains("invalid_api_key"))
        }
    }

    @Test("prompts and traces have limits of their own, each told by its field")
    func sizes() async throws {
        try await TestServer.run(
            configure: { configuration in
                configuration.limits.promptTokens = 5
                configuration.limits.tracedTokens = 10
            }
        ) { (server: TestServer) async throws in
            try await server.upload("a")
            func ask(_ path: String, _ body: String) async throws -> (Int, String?) {
                let answer = try await server.client.post(path, body)
                return (answer.status, try answer.json()["error"]?["param"]?.text)
            }
            let (short, long) = ("[1, 2, 3, 4, 5]", "[1, 2, 3, 4, 5, 6]")
            #expect(try await ask("/v1/completions", #"{"model": "tiny", "max_tokens": 1, "prompt": \#(short)}"#).0 == 200)
            #expect(try await ask("/v1/completions", #"{"model": "tiny", "max_tokens": 1, "prompt": \#(long)}"#) == (400, "prompt"))
            #expect(
                try await ask("/v1/completions", #"{"model": "tiny", "max_tokens": 1, "prompt": [\#(short), \#(long)]}"#) == (400, "prompt")
            )
            #expect(try await ask("/v1/embeddings", #"{"model": "tiny", "input": \#(long)}"#) == (400, "input"))
            let traced = #", "control": {"head": "a", "trace": true}, "n": 2"#
            #expect(try await ask("/v1/completions", Self.prompt(5, more: traced)).0 == 200)
            #expect(try await ask("/v1/completions", Self.prompt(6, more: traced)) == (400, "control.trace"))
            #expect(try await ask("/v1/completions", Self.prompt(6, more: #", "control": {"head": "a"}, "n": 2"#)).0 == 200)
        }
    }
}
