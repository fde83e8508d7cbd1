import Foundation
import Server
import TestSupport
import Testing

@Suite("the server as a whole", .enabled(if: TestServer.tinyModel != nil, "needs golden/models/llama3"))
struct ServerBehaviourTests {
    private static let endless = #"{"model": "tiny", "prompt": "x", "max_tokens": 1900, "ignore_eos": true, "stream": true}"#

    private func waitUntil(_ what: String, _ condition: () -> Bool) async throws {
        for _ in 0..<500 {
            if condition() { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw TestFailure("waited in vain: \(what)")
    }

    @Test("health, readiness and models")
    func status() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            #expect(try await server.client.send("GET", "/health").status == 200)
            let ready = try await server.client.send("GET", "/ready")
            #expect(ready.status == 200)
            #expect(try ready.json()["models"]?[0]?["up"]?.integer == 1)
            let models = try await server.client.send("GET", "/v1/models").json()
            #expect(models["data"]?[0]?["id"]?.text == "tiny")
            #expect(try await server.client.send("GET", "/v1/models/tiny").json()["object"]?.text == "model")
            #expect(try await server.client.send("GET", "/v1/models/nobody").status == 404)
        }
    }

    @Test("errors of the HTTP layer and of bodies come in OpenAI's shape")
    func errors() async throws {
        try await TestServer.run(configure: { $0.limits.bodyBytes = 65_536 }) { (server: TestServer) async throws in
            let client = server.client
            func check(_ answer: TestAnswer, _ status: Int) throws {
                #expect(answer.status == status)
                guard case .object? = try answer.json()["error"] else { throw TestFailure("no error object: \(answer.text)") }
            }
            try check(await client.send("GET", "/v1/nothing"), 404)
            let notAllowed = try await client.send("GET", "/v1/completions")
            try check(notAllowed, 405)
            #expect(notAllowed.fields["allow"]?.contains("POST") == true)
            try check(await client.post("/v1/completions", "{"), 400)
            try check(await client.post("/v1/completions", ""), 400)
            try check(await client.post("/v1/completions", String(repeating: "[", count: 10_000)), 400)
            try check(await client.post("/v1/completions", String(repeating: " ", count: 100_000)), 413)
            try check(await client.send("GET", "/health", fields: [("X-Long", String(repeating: "a", count: 40_000))]), 431)
        }
    }

    @Test("the Content-Type is never a reason to refuse")
    func contentType() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let answer = try await server.client.send(
                "POST",
                "/v1/completions",
                fields: [("Content-Type", "application/x-www-form-urlencoded"), ("Authorization", "Bearer x")],
                body: Array(#"{"model": "tiny", "prompt": "x", "max_tokens": 1}"#.utf8)
            )
            #expect(answer.status == 200)
        }
    }

    @Test("a client that goes away ends its generation")
    func clientGone() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let connection = try await server.client.open("POST", "/v1/completions", body: Array(Self.endless.utf8))
            _ = try await connection.read(until: "text_completion")
            #expect(server.running == 1)
            connection.close()
            try await waitUntil("the generation ends") { server.running == 0 }
        }
    }

    @Test("a client that goes away before the answer begins ends its generation, too")
    func clientGoneEarly() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let body = Self.endless.replacingOccurrences(of: #", "stream": true"#, with: "")
            let connection = try await server.client.open("POST", "/v1/completions", body: Array(body.utf8))
            try await waitUntil("the generation begins") { server.running == 1 }
            connection.close()
            try await waitUntil("the generation ends") { server.running == 0 }
        }
    }

    @Test("beyond the queue a request is answered 429 with Retry-After")
    func queueFull() async throws {
        try await TestServer.run(configure: { configuration in
            configuration.running = 1
            configuration.queued = 1
        }) { (server: TestServer) async throws in
            let running = try await server.client.open("POST", "/v1/completions", body: Array(Self.endless.utf8))
            _ = try await running.read(until: "text_completion")
            let queued = try await server.client.open("POST", "/v1/completions", body: Array(Self.endless.utf8))
            try await waitUntil("the second request waits") { server.queued == 1 }
            let answer = try await server.client.post("/v1/completions", Self.endless)
            #expect(answer.status == 429)
            #expect(answer.fields["retry-after"].flatMap { Int($0) } ?? 0 > 0)
            #expect(try answer.json()["error"]?["code"]?.text == "rate_limit_exceeded")
            running.close()
            queued.close()
        }
    }

    @Test("a drain lets a running stream finish and refuses what comes after")
    func drain() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let connection = try await server.client.open(
                "POST",
                "/v1/completions",
                body: Array(#"{"model": "tiny", "prompt": "x", "max_tokens": 60, "ignore_eos": true, "stream": true}"#.utf8)
            )
            _ = try await connection.read(until: "text_completion")
            async let drained: Void = server.application.drain()
            let answer = try await connection.answer()
            #expect(answer.text.hasSuffix("data: [DONE]\n\n"))
            await drained
            await #expect(throws: TestFailure.self) { try await server.client.send("GET", "/health") }
        }
    }
}
