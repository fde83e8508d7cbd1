import Logging
import Server
import TestSupport
import Testing

@Suite("the server's log", .enabled(if: TestServer.tinyModel != nil, "needs golden/models/llama3"))
struct LogServerTests {
    private static let secret = "nine green bottles"

    private static func body(_ further: String = "") -> String {
        #"{"model": "tiny", "prompt": "\#(secret)", "max_tokens": 6, "temperature": 0, "ignore_eos": true\#(further)}"#
    }

    private static func id(_ id: String) -> [(String, String)] {
        [("X-Request-Id", id)]
    }

    @Test("every request is one line with its id and what became of it, and no text of it is anywhere")
    func requests() async throws {
        let log = LogCapture()
        try await TestServer.run(log: log) { (server: TestServer) async throws in
            let client = server.client
            let plain = try await client.post("/v1/completions?secret=1", Self.body(), fields: Self.id("plain"))
            let line = try #require(try await log.lines(of: "plain").first)
            #expect(line["message"]?.text == "request" && line["level"]?.text == "info")
            #expect(line["client"]?.text == "127.0.0.1")
            #expect(line["method"]?.text == "POST" && line["path"]?.text == "/v1/completions" && line["status"]?.integer == 200)
            #expect(line["model"]?.text == "tiny" && line["bytes"]?.integer == plain.body.count)
            let usage = try plain.json()["usage"]
            #expect(line["prompt_tokens"] == usage?["prompt_tokens"] && line["completion_tokens"]?.integer == 6)
            #expect(line["cached_tokens"]?.integer == 0 && line["aborted"] == nil)
            #expect(line["duration"]?.double ?? 0 > 0 && line["duration"]?.double ?? 10 < 10)

            let stream = try await client.post("/v1/completions", Self.body(#", "stream": true"#), fields: Self.id("stream"))
            let streamed = try #require(try await log.lines(of: "stream").first)
            #expect(streamed["completion_tokens"]?.integer == 6 && streamed["bytes"]?.integer == stream.body.count)

            _ = try await client.post("/v1/completions", #"{"prompt": "\#(Self.secret)"}"#, fields: Self.id("bad"))
            #expect(try await log.lines(of: "bad").first?["status"]?.integer == 400)
            _ = try await client.send("GET", "/nine%20green%20bottles/%0Aforged", fields: Self.id("lost"))
            #expect(try await log.lines(of: "lost").first?["path"]?.text == "/nine%20green%20bottles/%0Aforged")
            let refused = try await client.send("GET", "/health", fields: [("X-Long", String(repeating: "a", count: 40_000))])
            let refusal = try await log.lines(of: try #require(refused.fields["x-request-id"])).first
            #expect(refusal?["status"]?.integer == 431 && refusal?["path"] == nil)

            let item = #"{"prompt": "\#(Self.secret)", "max_tokens": 3, "ignore_eos": true}"#
            let lines = "\(item)\n{}\n\(item)\n"
            _ = try await client.send("POST", "/v1/evaluations", fields: Self.id("lines"), body: Array(lines.utf8))
            let evaluation = try #require(try await log.lines(of: "lines").first)
            #expect(evaluation["lines"]?.integer == 3 && evaluation["failed_lines"]?.integer == 1 && evaluation["model"] == nil)
            #expect(evaluation["completion_tokens"]?.integer == 6)
            #expect(evaluation["prompt_tokens"]?.integer == 2 * (try #require(usage?["prompt_tokens"]?.integer)))

            // Lines that come up meanwhile have the id as well.
            let head = try TestHeads.file(width: TestServer.tinyWidth)
            _ = try await client.send("PUT", "/admin/v1/heads/mine", fields: Self.id("upload"), body: head)
            let upload = try await log.lines(of: "upload", atLeast: 2).map { $0["message"]?.text ?? "" }
            #expect(upload.count == 2 && upload[0].hasPrefix("value function mine@1 was uploaded") && upload[1] == "request")

            let whole = try plain.json()["choices"]?[0]?["text"]?.text
            #expect(!log.text.contains(Self.secret) && !log.text.contains("secret=1"))
            #expect(!(try log.lines().contains { $0["text"]?.text == whole }))
        }
    }

    @Test("a failure is logged with the id of the request that it ended; a client that went away is told apart")
    func failures() async throws {
        let log = LogCapture()
        try await TestServer.run(log: log) { (server: TestServer) async throws in
            let endless = Self.body(#", "stream": true"#).replacingOccurrences(of: ": 6", with: ": 1900")
            let failing = try await server.client.open("POST", "/v1/completions", fields: Self.id("failing"), body: Array(endless.utf8))
            _ = try await failing.read(until: "text_completion")
            server.application.pool.injectFailure("a test", model: "tiny", worker: 0)
            _ = try await failing.answer()
            let lines = try await log.lines(of: "failing", atLeast: 2)
            #expect(lines[0]["level"]?.text == "error" && lines[0]["message"]?.text?.contains("a test") == true)
            #expect(lines[1]["message"]?.text == "request" && lines[1]["error"]?.text == "internal_error")

            let leaving = try await server.client.open("POST", "/v1/completions", fields: Self.id("leaving"), body: Array(endless.utf8))
            _ = try await leaving.read(until: "text_completion")
            leaving.close()
            let left = try await log.lines(of: "leaving").last
            #expect(left?["status"]?.integer == 200 && left?["aborted"] == .bool(true) && left?["prompt_tokens"]?.integer ?? 0 > 3)

            let unstreamed = endless.replacingOccurrences(of: #", "stream": true"#, with: "")
            let early = try await server.client.open("POST", "/v1/completions", fields: Self.id("early"), body: Array(unstreamed.utf8))
            for _ in 0..<500 where server.running == 0 { try await Task.sleep(for: .milliseconds(10)) }
            early.close()
            #expect(try await log.lines(of: "early").last?["status"]?.integer == 499)
            #expect(!log.text.contains(Self.secret))
        }
    }

    @Test("prompts and answers are logged where that is asked for, streamed or not")
    func prompts() async throws {
        let log = LogCapture()
        try await TestServer.run(configure: { $0.logsPrompts = true }, log: log) { (server: TestServer) async throws in
            for (id, further) in [("whole", ""), ("streamed", #", "stream": true"#)] {
                let answer = try await server.client.post("/v1/completions", Self.body(further), fields: Self.id(id))
                let chunks = further.isEmpty ? [try answer.json()] : try answer.events()
                let text = chunks.compactMap { $0["choices"]?[0]?["text"]?.text }.joined()
                let lines = try await log.lines(of: id, atLeast: 3)
                #expect(lines.map { $0["message"]?.text } == ["prompt", "answer", "request"])
                #expect(lines[0]["text"]?.text?.contains(Self.secret) == true && lines[1]["text"]?.text == text)
            }
            // Whose a line of an evaluation is can be told.
            try await server.upload("up")
            let items = #"{"prompt": "a", "max_tokens": 2}"# + "\n" + #"{"prompt": "b", "max_tokens": 2, "control": {"head": "up"}}"#
            _ = try await server.client.send(
                "POST",
                "/v1/evaluations?compare=base",
                fields: Self.id("items"),
                body: Array(items.utf8)
            )
            let logged = try await log.lines(of: "items", atLeast: 7).filter { $0["message"]?.text == "answer" }
            #expect(Set(logged.map { "\($0["line"]?.integer ?? 0) \($0["base"] == .bool(true))" }) == ["1 false", "2 false", "2 true"])
        }
    }

    @Test("who only asks how the server is has no line at the level info")
    func probes() async throws {
        let log = LogCapture()
        try await TestServer.run(log: log) { (server: TestServer) async throws in
            for path in ["/health", "/ready", "/metrics", "/v1/models"] {
                _ = try await server.client.send("GET", path, fields: Self.id(path))
            }
            _ = try await server.client.send("POST", "/health", fields: Self.id("wrong"))
            #expect(try await log.lines(of: "wrong").first?["status"]?.integer == 405)
        }
        let paths = try log.lines().filter { $0["message"]?.text == "request" }.map { [$0["path"]?.text, $0["level"]?.text] }
        #expect(paths.filter { $0[1] == "info" } == [["/v1/models", "info"], ["/health", "info"]])
    }

    @Test("lines of requests can be left out")
    func quiet() async throws {
        let log = LogCapture()
        try await TestServer.run(configure: { $0.logsRequests = false }, log: log) { (server: TestServer) async throws in
            _ = try await server.client.post("/v1/completions", Self.body(), fields: Self.id("plain"))
            _ = try await server.client.send("GET", "/v1/nothing", fields: Self.id("lost"))
        }
        #expect(!(try log.lines().contains { $0["message"]?.text == "request" }))
    }
}
