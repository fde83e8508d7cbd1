import Foundation
import Server
import TestSupport
import Testing

@Suite("request ids", .enabled(if: TestServer.tinyModel != nil, "needs golden/models/llama3"))
struct RequestIDServerTests {
    @Test("a sensible id is the client's own again, in the answer and in its error")
    func taken() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let fields = [("X-Request-Id", "abc 123/~")]
            let good = try await server.client.send("GET", "/health", fields: fields)
            #expect(good.fields["x-request-id"] == "abc 123/~")
            for (method, path, body) in [("POST", "/v1/completions", "{"), ("GET", "/v1/nothing", ""), ("GET", "/v1/completions", "")] {
                let bad = try await server.client.send(method, path, fields: fields, body: Array(body.utf8))
                #expect(bad.status >= 400 && bad.fields["x-request-id"] == "abc 123/~")
                #expect(try bad.json()["error"]?["request_id"]?.text == "abc 123/~")
            }
            let longest = String(repeating: "x", count: 128)
            #expect(try await server.client.send("GET", "/health", fields: [("X-Request-Id", longest)]).fields["x-request-id"] == longest)
        }
    }

    @Test("without a sensible id the request gets one of its own")
    func made() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            var ids: Set<String> = []
            for given in [nil, "", String(repeating: "x", count: 129), "é", "a\u{1}b"] as [String?] {
                let answer = try await server.client.send("GET", "/health", fields: given.map { [("x-request-id", $0)] } ?? [])
                let id = try #require(answer.fields["x-request-id"])
                #expect(id.hasPrefix("req_") && id.utf8.count == 36 && id != given, "\(given ?? "none")")
                ids.insert(id)
            }
            #expect(ids.count == 5)
        }
    }

    @Test("what the HTTP layer refuses by itself has an id too")
    func refused() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let long = try await server.client.send("GET", "/health", fields: [("X-Long", String(repeating: "a", count: 40_000))])
            let path = try await server.client.send("GET", "/%zz", fields: [("X-Request-Id", "mine")])
            for (answer, status) in [(long, 431), (path, 400)] {
                let id = try #require(answer.fields["x-request-id"])
                #expect(answer.status == status && !id.isEmpty)
                #expect(try answer.json()["error"]?["request_id"]?.text == id)
            }
            #expect(path.fields["x-request-id"] == "mine")
        }
    }

    @Test("a stream has the id in its header, and an error in its midst names it")
    func streams() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let body = #"{"model": "tiny", "prompt": "x", "max_tokens": 1900, "ignore_eos": true, "stream": true}"#
            let connection = try await server.client.open(
                "POST",
                "/v1/completions",
                fields: [("X-Request-Id", "stream-1")],
                body: Array(body.utf8)
            )
            _ = try await connection.read(until: "text_completion")
            server.application.pool.injectFailure("a test", model: "tiny", worker: 0)
            let answer = try await connection.answer()
            #expect(answer.fields["x-request-id"] == "stream-1")
            let error = try #require(try answer.events().last?["error"])
            #expect(error["request_id"]?.text == "stream-1" && error["code"]?.text == "internal_error")
        }
    }
}
