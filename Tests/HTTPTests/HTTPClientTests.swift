import HTTP
import HTTPTypes
import Testing

@Suite("HTTP client")
struct HTTPClientTests {
    @Test("a request's answer is read whole, by length and in chunks, with its fields")
    func sends() async throws {
        let server = try await TestServer()
        let base = "http://127.0.0.1:\(server.port)"
        let client = HTTPClient()
        let hello = try await client.send(.get, base + "/hello")
        #expect(hello.status == .ok && hello.body == Array("hello".utf8) && hello.fields[.contentType] == "text/plain")
        let streamed = try await client.send(.get, base + "/stream/3")
        #expect(String(decoding: streamed.body, as: UTF8.self) == "piece 0\npiece 1\npiece 2\n")
        let echoed = try await client.send(.post, base + "/echo", fields: [.expect: "100-continue"], body: Array("abc".utf8))
        #expect(echoed.body == Array("abc".utf8))
        #expect(try await client.send(.get, base + "/nothing?x=y").status == .notFound)
        await server.stop()
    }

    @Test("a server that is not there, and a URL that is none, are errors that say so")
    func failures() async throws {
        let client = HTTPClient(timeout: .seconds(5))
        await #expect(throws: HTTPClientError.badURL("nonsense")) { try await client.send(.get, "nonsense") }
        await #expect(throws: HTTPClientError.badURL("ftp://a/")) { try await client.send(.get, "ftp://a/") }
        await #expect(throws: HTTPClientError.self) { try await client.send(.get, "http://127.0.0.1:1/") }
    }
}
