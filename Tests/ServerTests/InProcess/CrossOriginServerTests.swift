import Server
import Testing

@Suite("browsers and pages of other sites", .enabled(if: TestServer.tinyModel != nil, "needs golden/models/llama3"))
struct CrossOriginServerTests {
    private static let body = #"{"model": "tiny", "prompt": "x", "max_tokens": 1}"#
    private static let origin = ("Origin", "https://app.example.com")

    @Test("where no origins are configured no answer permits anything, and what a page of another site sends is refused")
    func standard() async throws {
        try await TestServer.run { (server: TestServer) async throws in
            let preflight = try await server.client.send(
                "OPTIONS",
                "/v1/completions",
                fields: [Self.origin, ("Access-Control-Request-Method", "POST")]
            )
            let get = try await server.client.send("GET", "/v1/models", fields: [Self.origin])
            let post = try await server.client.post("/v1/completions", Self.body, fields: [Self.origin])
            for answer in [preflight, get, post] { #expect(!answer.fields.keys.contains { $0.hasPrefix("access-control-") }) }
            #expect(post.status == 403)
            #expect(try post.json()["error"]?["code"]?.text == "origin_not_allowed")
            #expect(get.status == 200)
            let own = ("Origin", "http://127.0.0.1:\(server.client.port)")
            #expect(try await server.client.post("/v1/completions", Self.body, fields: [own]).status == 200)
            #expect(try await server.client.send("PUT", "/admin/v1/heads/a", fields: [Self.origin], body: [1]).status == 403)
        }
    }

    @Test(
        "a page of a configured origin may ask, and read the answer, also one that is an error; the admin API without a token stays closed to it"
    )
    func configured() async throws {
        try await TestServer.run(configure: { $0.access.origins = ["https://app.example.com"] }) { (server: TestServer) async throws in
            let preflight = try await server.client.send(
                "OPTIONS",
                "/v1/completions",
                fields: [
                    Self.origin, ("Access-Control-Request-Method", "POST"),
                    ("Access-Control-Request-Headers", "authorization,content-type,x-stainless-os"),
                ]
            )
            #expect(preflight.status == 204 && preflight.fields["access-control-allow-origin"] == "https://app.example.com")
            #expect(preflight.fields["access-control-allow-headers"] == "authorization,content-type,x-stainless-os")
            #expect(preflight.fields["access-control-allow-methods"]?.contains("POST") == true)
            #expect(preflight.fields["access-control-allow-credentials"] == nil)
            for (body, status) in [(Self.body, 200), ("{}", 400)] {
                let answer = try await server.client.post("/v1/completions", body, fields: [Self.origin])
                #expect(answer.status == status && answer.fields["access-control-allow-origin"] == "https://app.example.com")
                #expect(answer.fields["vary"]?.contains("Origin") == true)
                #expect(answer.fields["access-control-expose-headers"]?.contains("X-Request-Id") == true)
            }
            // What HTTP itself says is no less of an answer.
            for (method, path, status) in [("GET", "/v1/nothing", 404), ("PATCH", "/v1/models", 405)] {
                let answer = try await server.client.send(method, path, fields: [Self.origin])
                #expect(answer.status == status && answer.fields["access-control-allow-origin"] == "https://app.example.com")
                #expect(answer.fields["allow"] == (status == 405 ? "GET, HEAD" : nil))
            }
            let large = String(repeating: " ", count: RequestLimits().bodyBytes + 1)
            let refused = try await server.client.post("/v1/completions", large, fields: [Self.origin])
            #expect(refused.status == 413 && refused.fields["access-control-allow-origin"] == "https://app.example.com")
            let other = try await server.client.send("GET", "/v1/models", fields: [("Origin", "https://other.example.com")])
            #expect(other.status == 200 && other.fields["access-control-allow-origin"] == nil)
            let put = try await server.client.send(
                "PUT",
                "/admin/v1/heads/a",
                fields: [Self.origin, ("Authorization", "Bearer x")],
                body: [1]
            )
            #expect(put.status == 403)
        }
    }
}
