import Foundation
import HTTP
import Testing

/// Bodies that come slowly: a client on a slow line gets its time, one that only holds on to its connection does not.
@Suite("Slow bodies", .serialized)
struct SlowBodyTests {
    private static let byLength = "POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 10000\r\n\r\n"
    private static let inChunks = "POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"

    /// Sends pieces, 50 ms apart, until the server answers or `count` are sent.
    private static func drip(_ server: TestServer, _ head: String, _ piece: String, _ count: Int, end: String = "") async throws -> (
        answer: String, time: Duration
    ) {
        try await server.blocking { server in
            let client = try RawClient(port: server.port)
            client.send(head)
            let start = ContinuousClock.now
            for _ in 0..<count where !client.canRead {
                client.send(piece)
                Thread.sleep(forTimeInterval: 0.05)
            }
            client.send(end)
            return (client.readToEnd(), .now - start)
        }
    }

    @Test(
        "a client that sends a byte now and then, of a body, in chunks or of a chunk's header, is answered 408",
        arguments: [(byLength, "a"), (inChunks, "1\r\na\r\n"), (inChunks + "1;", "a"), (inChunks + "0\r\nX: ", "a")]
    )
    func drips(head: String, piece: String) async throws {
        let server = try await TestServer {
            $0.bodyTimeout = .milliseconds(600)
            $0.minimumBodyRate = 500
        }
        let (answer, time) = try await Self.drip(server, head, piece, 200)
        #expect(answer.hasPrefix("HTTP/1.1 408") && answer.contains("Connection: close"))
        #expect(time > .milliseconds(500) && time < .seconds(4))
        await server.stop()
    }

    @Test("a body that comes steadily may take many times as long as a pause may")
    func steady() async throws {
        let server = try await TestServer {
            $0.bodyTimeout = .milliseconds(400)
            $0.minimumBodyRate = 500
        }
        // Some 4,000 bytes a second, for two seconds.
        let piece = "c8\r\n\(String(repeating: "a", count: 200))\r\n"
        let (answer, time) = try await Self.drip(server, Self.inChunks, piece, 40, end: "0\r\n\r\n")
        #expect(answer.hasPrefix("HTTP/1.1 200") && answer.hasSuffix("\r\n\r\n\(String(repeating: "a", count: 8000))"))
        #expect(time > .milliseconds(1900))
        await server.stop()
    }

    @Test("without a least rate a client may send a byte now and then for as long as it likes")
    func anyRate() async throws {
        let server = try await TestServer {
            $0.bodyTimeout = .milliseconds(400)
            $0.minimumBodyRate = nil
        }
        let (answer, _) = try await Self.drip(server, Self.inChunks, "1\r\na\r\n", 30, end: "0\r\n\r\n")
        #expect(answer.hasPrefix("HTTP/1.1 200") && answer.hasSuffix("\r\n\r\n\(String(repeating: "a", count: 30))"))
        await server.stop()
    }

    @Test("a body of which much has come may still not pause for longer than a pause may be")
    func pause() async throws {
        let server = try await TestServer {
            $0.bodyTimeout = .milliseconds(400)
            $0.minimumBodyRate = 500
        }
        // 5,000 bytes would make up for ten seconds.
        let (answer, time) = try await Self.drip(server, Self.byLength + String(repeating: "a", count: 5000), "", 0)
        #expect(answer.hasPrefix("HTTP/1.1 408") && time < .seconds(3))
        await server.stop()
    }

    @Test("the time that a handler takes between two pieces is not the client's", arguments: [false, true])
    func handlersOwnTime(isPatient: Bool) async throws {
        // It reads a line, works for longer than the client may take, and asks for the next.
        let route = Route(.post, "/lines") { request in
            let lines = try request.body.lines(maximumLength: 100)
            var count = 0
            while let _ = try await lines.next() {
                count += 1
                if isPatient { lines.setPatience(true) }
                try await Task.sleep(for: .milliseconds(300))
                lines.setPatience(false)
            }
            return ServerResponse(status: .ok, body: .bytes(Array("\(count)".utf8)))
        }
        let server = try await TestServer(routes: [route]) {
            $0.bodyTimeout = .milliseconds(600)
            $0.minimumBodyRate = 500
        }
        let answer = try await server.blocking { server in
            let client = try RawClient(port: server.port)
            client.send("POST /lines HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n")
            for _ in 0..<6 where !client.canRead {
                client.send("2\r\na\n\r\n")
                Thread.sleep(forTimeInterval: 0.55)
            }
            client.send("0\r\n\r\n")
            return client.readToEnd()
        }
        // Each line is waited for some 0.25 s, all of them for more than may be; who is given patience begins anew with each.
        #expect(answer.hasPrefix(isPatient ? "HTTP/1.1 200" : "HTTP/1.1 408"))
        await server.stop()
    }
}
