import Foundation
import HTTP
import TestSupport
import Testing

/// Handshakes that do not come to an end, and sessions that are taken up again.
@Suite("TLS handshakes", .serialized, .enabled(if: OpenSSLProgram.isAvailable, "needs the program openssl"))
struct TLSHandshakeTests {
    private let certificates: TestCertificates

    init() throws {
        certificates = try TestCertificates()
    }

    private func serving(
        authorities: String? = nil,
        _ change: (inout HTTPServerConfiguration) -> Void = { _ in },
        _ body: (TestServer) async throws -> Void
    ) async throws {
        let server = try await TestServer { configuration in
            configuration.tls = TLSServerSettings(
                certificate: certificates.server.file,
                key: certificates.server.key,
                clientAuthorities: authorities
            )
            change(&configuration)
        }
        do { try await body(server) } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    /// What `openssl s_client` says of a request for who is asking.
    private func ask(_ server: TestServer, _ options: [String]) async throws -> String {
        try await OpenSSLProgram.run(
            ["s_client", "-connect", "localhost:\(server.port)", "-CAfile", certificates.authority] + options,
            input: "GET /whoami HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
            delay: .seconds(1)
        ).text
    }

    // MARK: New keys

    @Test("a client may take new keys, but one that does nothing else is cut off at once, and keeps nobody waiting")
    func keyUpdates() async throws {
        try await serving({ $0.headerTimeout = .seconds(50) }) { (server: TestServer) async throws in
            let answer = try await server.blocking { server in
                let client = try TLSRecordClient(port: server.port)
                client.send(client.keyUpdates(100))
                client.send(client.record("GET /hello HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
                return client.readToEnd()
            }
            #expect(answer.hasPrefix("HTTP/1.1 200") && answer.hasSuffix("hello"))
            // A byte now and then pays for itself, and not for them.
            for text in ["", "G"] {
                let time = try await server.blocking { server in
                    let client = try TLSRecordClient(port: server.port)
                    let flood = (0..<5).flatMap { _ in client.keyUpdates(4000) + (text.isEmpty ? [] : client.record(text)) }
                    let start = ContinuousClock.now
                    client.send(flood)
                    #expect(client.readToEnd().isEmpty)
                    return ContinuousClock.now - start
                }
                #expect(time < .seconds(10), "\(time)")
            }
            for _ in 0..<100 where server.server.connectionCount > 0 { try await Task.sleep(for: .milliseconds(20)) }
            #expect(server.server.connectionCount == 0)
        }
    }

    @Test("a record may hold one byte, however many there are")
    func smallRecords() async throws {
        try await serving { (server: TestServer) async throws in
            let answer = try await server.blocking { server in
                let client = try TLSRecordClient(port: server.port)
                let padding = String(repeating: "a", count: 10_000)
                let head = "GET /hello HTTP/1.1\r\nHost: localhost\r\nX-Padding: \(padding)\r\nConnection: close\r\n\r\n"
                client.send(head.flatMap { client.record(String($0)) })
                return client.readToEnd()
            }
            #expect(answer.hasPrefix("HTTP/1.1 200") && answer.hasSuffix("hello"))
        }
    }

    // MARK: Handshakes that stall

    /// How a client may keep a server waiting.
    enum Stall: CaseIterable {
        case sendsNothing, sendsHalf, readsNothing, drips
    }

    /// The first message of a real client.
    private static func greeting() async throws -> [UInt8] {
        let listener = try SilentListener()
        async let program = OpenSSLProgram.run(["s_client", "-connect", "127.0.0.1:\(listener.port)"])
        let bytes: [UInt8] = try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                let connection = accept(listener.descriptor, nil, nil)
                var buffer = [UInt8](repeating: 0, count: 16 << 10)
                let count = recv(connection, &buffer, buffer.count, 0)
                close(connection)
                continuation.resume(
                    with: count > 100 ? .success(Array(buffer[..<count])) : .failure(CocoaError(.fileReadUnknown))
                )
            }
        }
        _ = try await program
        return bytes
    }

    @Test("a client that does not end its handshake is closed when the header's time is over", arguments: Stall.allCases)
    func stalls(stall: Stall) async throws {
        let greeting = try await Self.greeting()
        try await serving({ $0.headerTimeout = .milliseconds(600) }) { (server: TestServer) async throws in
            let (time, received) = try await server.blocking { server in
                let client = try RawClient(port: server.port)
                let start = ContinuousClock.now
                var received = 0
                switch stall {
                case .sendsNothing: break
                case .sendsHalf: client.send(Array(greeting[..<(greeting.count / 2)]))
                case .readsNothing:
                    client.send(greeting)
                    // The server's part waits in the socket until the connection is gone.
                    while server.server.connectionCount > 0, .now - start < .seconds(10) { Thread.sleep(forTimeInterval: 0.02) }
                case .drips:
                    for byte in greeting where client.send([byte]) == 1 && !client.canRead { Thread.sleep(forTimeInterval: 0.02) }
                }
                while let piece = client.readSome() { received += piece.count }
                return (ContinuousClock.now - start, received)
            }
            #expect(time > .milliseconds(500) && time < .seconds(3))
            // A whole greeting was understood, and answered.
            #expect((received > 500) == (stall == .readsNothing))
            for _ in 0..<300 where server.server.connectionCount > 0 { try await Task.sleep(for: .milliseconds(10)) }
            #expect(server.server.connectionCount == 0)
            #expect(try await ask(server, []).contains("HTTP/1.1 200"))
        }
    }

    @Test("a client that ends its handshake and asks nothing is closed as well, without an answer")
    func handshakeOnly() async throws {
        try await serving({ $0.headerTimeout = .milliseconds(600) }) { (server: TestServer) async throws in
            let start = ContinuousClock.now
            let (text, _) = try await OpenSSLProgram.run(
                ["s_client", "-connect", "localhost:\(server.port)", "-CAfile", certificates.authority],
                delay: .seconds(8)
            )
            #expect(text.contains("Verify return code: 0 (ok)") && !text.contains("HTTP/1.1"))
            #expect(ContinuousClock.now - start < .seconds(5) && server.server.connectionCount == 0)
        }
    }

    // MARK: Sessions

    @Test("a session is taken up again", arguments: ["-tls1_2", "-tls1_3"])
    func resumption(version: String) async throws {
        let session = try certificates.file("session.pem", "")
        try await serving { (server: TestServer) async throws in
            let first = try await ask(server, [version, "-sess_out", session])
            #expect(first.contains("New, TLSv1") && first.contains("HTTP/1.1 200"))
            let second = try await ask(server, [version, "-sess_in", session])
            #expect(second.contains("Reused, TLSv1") && second.contains("HTTP/1.1 200"))
        }
    }

    @Test("who a client is stays with its session, but not beyond a renewal of the authorities", arguments: ["-tls1_2", "-tls1_3"])
    func resumedIdentity(version: String) async throws {
        let mine = try certificates.sign("operator")
        let others = try TestCertificates()
        let session = try certificates.file("session.pem", "")
        let authorities = try certificates.file("authorities.pem", try String(contentsOfFile: certificates.authority, encoding: .utf8))
        try await serving(authorities: authorities) { (server: TestServer) async throws in
            let proof = ["-cert", mine.file, "-key", mine.key]
            #expect(try await ask(server, [version, "-sess_out", session] + proof).contains("/CN=operator"))
            let resumed = try await ask(server, [version, "-sess_in", session])
            #expect(resumed.contains("Reused, TLSv1") && resumed.contains("/CN=operator"))

            // Those who may vouch for clients are others now.
            _ = try certificates.file("authorities.pem", try String(contentsOfFile: others.authority, encoding: .utf8))
            try server.server.reloadCertificate()
            let unproven = try await ask(server, [version, "-sess_in", session])
            #expect(unproven.contains("New, TLSv1") && unproven.contains("\r\n\r\nnobody"))
            let refused = try await ask(server, [version, "-sess_in", session] + proof)
            #expect(!refused.contains("Reused, TLSv1") && !refused.contains("HTTP/1.1 200"))
        }
    }
}
