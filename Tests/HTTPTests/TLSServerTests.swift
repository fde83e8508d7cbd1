import Foundation
import HTTP
import TestSupport
import Testing

@Suite("TLS", .enabled(if: TLSTestServer.isAvailable, "needs the program openssl"))
struct TLSServerTests {
    private let certificates: TestCertificates

    init() throws {
        certificates = try TestCertificates()
    }

    private func settings(_ certificate: (file: String, key: String)? = nil, clients: Bool = false) -> TLSServerSettings {
        let certificate = certificate ?? certificates.server
        return TLSServerSettings(
            certificate: certificate.file,
            key: certificate.key,
            clientAuthorities: clients ? certificates.authority : nil
        )
    }

    private func serving(
        _ tls: TLSServerSettings? = nil,
        _ change: (inout HTTPServerConfiguration) -> Void = { _ in },
        _ body: (TestServer) async throws -> Void
    ) async throws {
        let server = try await TestServer { configuration in
            configuration.tls = tls ?? settings()
            change(&configuration)
        }
        do { try await body(server) } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    private var client: HTTPClient {
        var client = HTTPClient(timeout: .seconds(10))
        client.certificateAuthorities = certificates.authority
        return client
    }

    /// What `openssl s_client` says of a request.
    private func ask(_ server: TestServer, _ options: [String], path: String = "/hello") async throws -> (text: String, status: Int32) {
        try await OpenSSLProgram.run(
            ["s_client", "-connect", "localhost:\(server.port)", "-CAfile", certificates.authority, "-verify_return_error"] + options,
            input: "GET \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
            delay: .seconds(1)
        )
    }

    @Test("requests are answered over TLS 1.2 and 1.3", arguments: ["-tls1_2", "-tls1_3"])
    func versions(version: String) async throws {
        try await serving { (server: TestServer) async throws in
            let (text, _) = try await ask(server, [version, "-alpn", "h2,http/1.1"])
            #expect(text.contains("HTTP/1.1 200 OK") && text.contains("hello"))
            #expect(text.contains(version == "-tls1_2" ? "TLSv1.2" : "TLSv1.3") && text.contains("ALPN protocol: http/1.1"))
            #expect(text.contains("Verify return code: 0 (ok)"))
        }
    }

    @Test(
        "what is old or weak is refused",
        arguments: [
            ["-tls1"], ["-tls1_1"], ["-tls1_2", "-cipher", "AES128-SHA"], ["-tls1_2", "-cipher", "AES256-GCM-SHA384"],
            ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA"], ["-tls1_2", "-cipher", "NULL"], ["-alpn", "h2"],
        ]
    )
    func refused(options: [String]) async throws {
        try await serving { (server: TestServer) async throws in
            let weak = options.contains("-tls1") || options.contains("-tls1_1") || options.contains("NULL")
            let (text, status) = try await ask(
                server,
                options + (weak && !options.contains("-cipher") ? ["-cipher", "ALL:@SECLEVEL=0"] : [])
            )
            #expect(status != 0 && !text.contains("HTTP/1.1 200"), "\(options): \(text.suffix(400))")
            // It goes on for others.
            #expect(try await client.send(.get, "https://localhost:\(server.port)/hello").status == .ok)
        }
    }

    @Test("renegotiation is refused")
    func renegotiation() async throws {
        try await serving { (server: TestServer) async throws in
            let (text, _) = try await OpenSSLProgram.run(
                ["s_client", "-connect", "localhost:\(server.port)", "-tls1_2", "-CAfile", certificates.authority],
                input: "R\n",
                delay: .seconds(1)
            )
            #expect(text.contains("RENEGOTIATING") && text.contains("no renegotiation"), "\(text.suffix(400))")
        }
    }

    @Test("large bodies pass whole both ways, and many requests share a connection")
    func bodies() async throws {
        try await serving { (server: TestServer) async throws in
            let sent = (0..<900_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
            let answer = try await client.send(.post, "https://localhost:\(server.port)/echo", body: sent)
            #expect(answer.status == .ok && answer.body == sent)
            let stream = try await client.send(.get, "https://localhost:\(server.port)/stream/20000")
            #expect(String(decoding: stream.body, as: UTF8.self).hasSuffix("piece 19999\n"))
            let (text, _) = try await OpenSSLProgram.run(
                ["s_client", "-connect", "localhost:\(server.port)", "-quiet", "-CAfile", certificates.authority],
                input: String(repeating: "GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n", count: 49)
                    + "GET /hello HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
                delay: .seconds(1)
            )
            #expect(text.components(separatedBy: "HTTP/1.1 200 OK").count == 51)
        }
    }

    @Test("requests that arrive in many small records at once are all answered", .timeLimit(.minutes(1)))
    func smallRecords() async throws {
        try await serving { (server: TestServer) async throws in
            let line = "GET /hello HTTP/1.1\r\nHost: localhost\r\nX-Padding: \(String(repeating: "a", count: 300))\r\n"
            let (text, _) = try await OpenSSLProgram.run(
                ["s_client", "-connect", "localhost:\(server.port)", "-quiet", "-max_send_frag", "512", "-CAfile", certificates.authority],
                input: String(repeating: line + "\r\n", count: 19) + line + "Connection: close\r\n\r\n",
                delay: .seconds(3)
            )
            #expect(text.components(separatedBy: "HTTP/1.1 200 OK").count == 21)
        }
    }

    @Test("a reader that is slow holds up its own stream, and gets all of it")
    func slowReader() async throws {
        try await serving { (server: TestServer) async throws in
            let (text, _) = try await ask(server, ["-quiet"], path: "/big")
            // The program stops reading when its input ends; what it has is what was sent, and the server lives.
            #expect(text.contains("aaaa"))
            #expect(await server.events.wait(for: "big ended"))
            #expect(try await client.send(.get, "https://localhost:\(server.port)/hello").status == .ok)
        }
    }

    @Test(
        "what is no TLS, or breaks off in the middle of a record or a handshake, ends its connection and no other",
        arguments: [
            Array("GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8), [0x16, 0x03, 0x01], [0x16, 0x03, 0x01, 0x40, 0x00, 0x01],
            [0x16, 0x03, 0x01, 0xFF, 0xFF] + [UInt8](repeating: 0x41, count: 300), [UInt8](repeating: 0, count: 100),
            [0x80, 0x2E, 0x01, 0x00, 0x02], [0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x28], [0x17, 0x03, 0x03, 0x00, 0x05, 1, 2, 3, 4, 5],
        ] as [[UInt8]]
    )
    func noise(bytes: [UInt8]) async throws {
        try await serving(nil, { $0.headerTimeout = .seconds(1) }) { (server: TestServer) async throws in
            let answer = try await server.blocking { server in
                let raw = try RawClient(port: server.port)
                raw.send(bytes)
                return raw.readToEnd()
            }
            #expect(!answer.contains("HTTP/1.1"))
            #expect(try await client.send(.get, "https://localhost:\(server.port)/hello").status == .ok)
            for _ in 0..<300 where server.server.connectionCount > 0 { try await Task.sleep(for: .milliseconds(10)) }
            #expect(server.server.connectionCount == 0)
        }
    }

    @Test("a certificate that was renewed is given to new connections, while those there are go on")
    func reload() async throws {
        let (first, second) = (try certificates.sign("first"), try certificates.sign("second"))
        let folder = try TemporaryDirectory()
        let (file, key) = ("\(folder.url.path)/cert.pem", "\(folder.url.path)/key.pem")
        func install(_ certificate: (file: String, key: String)) throws {
            for (source, target) in [(certificate.file, file), (certificate.key, key)] {
                try Data(contentsOf: URL(fileURLWithPath: source)).write(to: URL(fileURLWithPath: target), options: .atomic)
            }
        }
        try install(first)
        try await serving(settings((file, key))) { (server: TestServer) async throws in
            #expect(try await ask(server, []).text.contains("CN = first"))
            async let running = client.send(.get, "https://localhost:\(server.port)/brief")
            #expect(await server.events.wait(for: "brief begun"))
            try install(second)
            try server.server.reloadCertificate()
            #expect(try await ask(server, []).text.contains("CN = second"))
            #expect(try await running.status == .ok)
            #expect(server.server.certificateSecondsLeft ?? 0 > 86_400)

            // One that cannot be used changes nothing.
            try Data("nothing".utf8).write(to: URL(fileURLWithPath: file))
            #expect(throws: TLSError.self) { try server.server.reloadCertificate() }
            try install((certificates.otherServer.file, first.key))
            #expect(throws: TLSError.mismatch(certificate: file, key: key)) { try server.server.reloadCertificate() }
            #expect(try await ask(server, []).text.contains("CN = second"))
        }
    }

    @Test("files that are no certificate or key are refused at the start, by their names")
    func badFiles() async throws {
        let (good, noise) = (certificates.server, try certificates.file("noise", "no PEM"))
        let encrypted = try certificates.file("encrypted.key", "")
        _ = try await OpenSSLProgram.run(["ec", "-in", good.key, "-aes256", "-passout", "pass:secret", "-out", encrypted])
        for (tls, word) in [
            (TLSServerSettings(certificate: "/none.pem", key: good.key), "No such file"),
            (TLSServerSettings(certificate: noise, key: good.key), "certificate"),
            (TLSServerSettings(certificate: good.file, key: noise), "key"),
            (TLSServerSettings(certificate: good.file, key: encrypted), "key"),
            (TLSServerSettings(certificate: good.file, key: certificates.otherServer.key), "is not that of"),
            (TLSServerSettings(certificate: good.file, key: good.key, clientAuthorities: noise), "client authorities"),
        ] {
            let error = await #expect(throws: HTTPServerError.self) { _ = try await TestServer { $0.tls = tls } }
            #expect("\(try #require(error))".contains(word), "\(String(describing: error))")
        }
    }

    @Test("clients may prove who they are: the subject of a certificate that an authority signed is known, one of others is refused")
    func clientCertificates() async throws {
        let (mine, other) = (try certificates.sign("operator"), try TestCertificates())
        let theirs = try other.sign("stranger")
        try await serving(settings(clients: true)) { (server: TestServer) async throws in
            #expect(try await ask(server, [], path: "/whoami").text.contains("\r\n\r\nnobody"))
            for version in ["-tls1_2", "-tls1_3"] {
                let known = try await ask(server, [version, "-cert", mine.file, "-key", mine.key], path: "/whoami").text
                #expect(known.contains("/CN=operator"))
                let refused = try await ask(server, [version, "-cert", theirs.file, "-key", theirs.key], path: "/whoami").text
                #expect(!refused.contains("HTTP/1.1 200"))
            }
        }
        // Who is not asked is nobody.
        try await serving { (server: TestServer) async throws in
            #expect(try await ask(server, ["-cert", mine.file, "-key", mine.key], path: "/whoami").text.contains("nobody"))
        }
    }

    @Test("beyond the limit of connections one is closed, and descriptors do not leak")
    func limits() async throws {
        try await serving(nil, { $0.connections = 2 }) { (server: TestServer) async throws in
            try await server.blocking { server in
                let held = try (0..<2).map { _ in try RawClient(port: server.port) }
                let third = try RawClient(port: server.port)
                #expect(third.readToEnd() == "")
                withExtendedLifetime(held) {}
            }
            for _ in 0..<300 where server.server.connectionCount > 0 { try await Task.sleep(for: .milliseconds(10)) }
            #expect(try await client.send(.get, "https://localhost:\(server.port)/hello").status == .ok)
        }
    }
}
