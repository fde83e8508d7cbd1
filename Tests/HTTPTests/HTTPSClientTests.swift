import Foundation
import HTTP
import TestSupport
import Testing

@Suite("HTTPS client", .enabled(if: TLSTestServer.isAvailable, "needs the program openssl"))
struct HTTPSClientTests {
    private let certificates: TestCertificates

    init() throws {
        certificates = try TestCertificates()
    }

    private func client() -> HTTPClient {
        var client = HTTPClient(timeout: .seconds(5))
        client.certificateAuthorities = certificates.authority
        return client
    }

    @Test("an answer comes over TLS 1.2 and 1.3, by name and by address", arguments: ["-tls1_2", "-tls1_3"])
    func trusted(version: String) async throws {
        let server = try TLSTestServer(certificates.server, options: [version, "-www"])
        for host in ["localhost", "127.0.0.1"] {
            let answer = try await client().send(.get, "https://\(host):\(server.port)/")
            #expect(answer.status == .ok && String(decoding: answer.body, as: UTF8.self).contains("Cipher"))
        }
    }

    @Test("a certificate that nobody vouches for is refused")
    func untrusted() async throws {
        let server = try TLSTestServer(certificates.server, options: ["-www"])
        let error = await #expect(throws: HTTPClientError.self) {
            try await HTTPClient(timeout: .seconds(5)).send(.get, "https://localhost:\(server.port)/")
        }
        #expect("\(try #require(error))".contains("not trusted"))
    }

    @Test("a certificate for another name is refused")
    func otherName() async throws {
        let server = try TLSTestServer(certificates.otherServer, options: ["-www"])
        for host in ["localhost", "127.0.0.1"] {
            let error = await #expect(throws: HTTPClientError.self) {
                try await client().send(.get, "https://\(host):\(server.port)/")
            }
            #expect("\(try #require(error))".contains("mismatch"))
        }
    }

    @Test("a server that knows only TLS 1.1 is refused")
    func oldVersion() async throws {
        let server = try TLSTestServer(certificates.server, options: ["-tls1_1", "-cipher", "ALL@SECLEVEL=0", "-www"])
        await #expect(throws: HTTPClientError.self) { try await client().send(.get, "https://localhost:\(server.port)/") }
    }

    @Test("an answer without length that ends before TLS does is cut off, not whole")
    func truncated() async throws {
        let server = try TLSTestServer(certificates.server, options: ["-quiet"], input: "HTTP/1.1 200 OK\r\n\r\nhalf an ans")
        Task {
            try await Task.sleep(for: .milliseconds(700))
            server.kill()
        }
        let error = await #expect(throws: HTTPClientError.self) { try await client().send(.get, "https://localhost:\(server.port)/") }
        #expect("\(try #require(error))".contains("in the middle"))
    }

    @Test(
        "an answer that is whole counts, also from a server that breaks TLS off after it",
        arguments: ["Content-Length: 5\r\n\r\nhello", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"]
    )
    func brokenOffAfterwards(rest: String) async throws {
        let server = try TLSTestServer(certificates.server, options: ["-quiet"], input: "HTTP/1.1 200 OK\r\n\(rest)")
        Task {
            try await Task.sleep(for: .milliseconds(700))
            server.kill()
        }
        let answer = try await client().send(.get, "https://localhost:\(server.port)/")
        #expect(answer.status == .ok && answer.body == Array("hello".utf8))
    }

    @Test("an answer that TLS breaks off before its length is cut off")
    func brokenOffBefore() async throws {
        let server = try TLSTestServer(certificates.server, options: ["-quiet"], input: "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello")
        Task {
            try await Task.sleep(for: .milliseconds(700))
            server.kill()
        }
        let error = await #expect(throws: HTTPClientError.self) { try await client().send(.get, "https://localhost:\(server.port)/") }
        #expect("\(try #require(error))".contains("in the middle"))
    }

    @Test("a server that never shakes hands is given up after the time-out")
    func silent() async throws {
        let listener = try SilentListener()
        let start = ContinuousClock.now
        await #expect(throws: HTTPClientError.self) {
            var client = client()
            client.timeout = .seconds(1)
            return try await client.send(.get, "https://127.0.0.1:\(listener.port)/")
        }
        #expect(ContinuousClock.now - start < .seconds(4))
    }
}
