import Foundation
import HTTP
import Testing

@Suite("Stopping behind a proxy", .serialized)
struct DrainTests {
    private let hello = "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test("while the server stops, a request on a connection that was idle, or new, is answered, and its answer says that it is the last")
    func answersLateRequests() async throws {
        let server = try await TestServer { $0.lingerTimeout = .milliseconds(200) }
        let idle = try RawClient(port: server.port)
        idle.send(hello)
        _ = try await server.blocking { _ in idle.read(until: "hello") }
        let new = try RawClient(port: server.port)
        async let stopped: Void = server.server.shutdown(timeout: .seconds(10), idle: .seconds(5))
        try await Task.sleep(for: .milliseconds(500))
        idle.send(hello)
        new.send(hello)
        let answers = try await server.blocking { _ in [idle.readToEnd(), new.readToEnd()] }
        let begun = ContinuousClock.now
        await stopped
        for answer in answers {
            #expect(answer.hasPrefix("HTTP/1.1 200") && answer.contains("Connection: close") && answer.hasSuffix("hello"), "\(answer)")
        }
        // Nobody is waited for any more.
        #expect(ContinuousClock.now - begun < .seconds(2))
    }

    @Test("a connection whose stream ends while the server stops waits for one more request")
    func waitsAfterAStream() async throws {
        let server = try await TestServer()
        let client = try RawClient(port: server.port)
        client.send("GET /big HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(await server.events.wait(for: "big 0"))
        async let stopped: Void = server.server.shutdown(timeout: .seconds(20), idle: .seconds(5))
        let answer = try await server.blocking { _ in
            client.read(last: "\r\n0\r\n\r\n")
            Thread.sleep(forTimeInterval: 0.3)
            client.send(hello)
            return client.readToEnd()
        }
        await stopped
        #expect(answer.hasPrefix("HTTP/1.1 200") && answer.contains("Connection: close") && answer.hasSuffix("hello"), "\(answer)")
    }

    @Test("connections without a request end when their time is over, long before the time for requests is")
    func endsIdleConnections() async throws {
        let server = try await TestServer()
        let idle = try RawClient(port: server.port)
        idle.send(hello)
        _ = try await server.blocking { _ in idle.read(until: "hello") }
        let new = try RawClient(port: server.port)
        let begun = ContinuousClock.now
        async let stopped: Void = server.server.shutdown(timeout: .seconds(20), idle: .milliseconds(600))
        let answers = try await server.blocking { _ in [idle.readToEnd(), new.readToEnd()] }
        await stopped
        #expect(answers == ["", ""])
        #expect(ContinuousClock.now - begun > .milliseconds(600) && ContinuousClock.now - begun < .seconds(5))
    }

    @Test("whoever can connect in the moment that the server stops is answered, and whoever cannot is refused")
    func resetsNobody() async throws {
        for _ in 0..<5 {
            let server = try await TestServer { $0.connectionsPerAddress = 1024 }
            // Each connects and asks at once, over and over, until nobody listens any more.
            let clients = (0..<4).map { _ in
                Task { [hello] in
                    try await server.blocking { server in
                        var answers: [String] = []
                        while let client = try? RawClient(port: server.port) {
                            client.send(hello)
                            answers.append(client.read(until: "hello"))
                        }
                        return answers
                    }
                }
            }
            try await Task.sleep(for: .milliseconds(100))
            await server.server.shutdown(timeout: .seconds(5), idle: .seconds(2))
            for client in clients {
                let answers = try await client.value
                #expect(!answers.isEmpty && answers.allSatisfy { $0.hasSuffix("hello") })
            }
        }
    }
}
