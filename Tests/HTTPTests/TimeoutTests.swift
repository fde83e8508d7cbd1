import Foundation
import HTTP
import Testing

@Suite("Time-outs, limits and stopping", .serialized)
struct TimeoutTests {
    @Test("a head that drips in is answered 408, however often a byte comes")
    func slowHeader() async throws {
        let server = try await TestServer { $0.headerTimeout = .milliseconds(500) }
        let answer = try await server.blocking { server in
            let client = try RawClient(port: server.port)
            client.send("GET /hello HTTP/1.1\r\n")
            for _ in 0..<20 {
                Thread.sleep(forTimeInterval: 0.1)
                client.send("X: y\r\n")
            }
            return client.readToEnd()
        }
        #expect(answer.hasPrefix("HTTP/1.1 408"))
        await server.stop()
    }

    @Test("the 408 arrives while the client still sends, every time")
    func slowHeaderThatGoesOn() async throws {
        let server = try await TestServer { $0.headerTimeout = .milliseconds(200) }
        for _ in 0..<10 {
            let answer = try await server.blocking { server in
                let client = try RawClient(port: server.port)
                client.send("GET /hello HTTP/1.1\r\n")
                for _ in 0..<50 {
                    Thread.sleep(forTimeInterval: 0.01)
                    client.send("X: y\r\n")
                }
                return client.readToEnd()
            }
            #expect(answer.hasPrefix("HTTP/1.1 408"))
        }
        await server.stop()
    }

    @Test("a head of many small packets does not cost the server their number squared")
    func drippingHead() async throws {
        let server = try await TestServer { $0.headerBytes = 60 << 10 }
        let answer = try await server.blocking { server in
            let client = try RawClient(port: server.port)
            client.send("GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n")
            for _ in 0..<50 { client.send("X: \(String(repeating: "a", count: 1000))\r\n") }
            client.send("\r\n")
            return client.readToEnd()
        }
        #expect(answer.hasPrefix("HTTP/1.1 200") && answer.hasSuffix("hello"))
        await server.stop()
    }

    @Test("stopping frees the port, also in a task that is cancelled")
    func freesThePort() async throws {
        let first = try await TestServer()
        let port = first.port
        let task = Task { await first.stop() }
        task.cancel()
        await task.value
        let second = try await TestServer { $0.port = port }
        #expect(try await second.exchange("GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").hasSuffix("hello"))
        await second.stop()
    }

    @Test("a body that stops coming is answered 408")
    func slowBody() async throws {
        let server = try await TestServer { $0.bodyTimeout = .milliseconds(400) }
        let answer = try await server.exchange("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc")
        #expect(answer.hasPrefix("HTTP/1.1 408"))
        await server.stop()
    }

    @Test("an idle connection is closed without an answer, before a request and after one")
    func idle() async throws {
        let server = try await TestServer {
            $0.idleTimeout = .milliseconds(400)
            $0.headerTimeout = .milliseconds(400)
        }
        #expect(try await server.exchange("") == "")
        let answer = try await server.exchange("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(answer.hasPrefix("HTTP/1.1 200") && answer.hasSuffix("hello"))
        await server.stop()
    }

    @Test("an empty line behind a body begins no request: the connection is idle, and a stop closes it")
    func emptyLine() async throws {
        let server = try await TestServer {
            $0.idleTimeout = .milliseconds(400)
            $0.headerTimeout = .milliseconds(400)
        }
        let request = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody\r\n"
        let answer = try await server.exchange(request)
        #expect(answer.components(separatedBy: "HTTP/1.1 ").count == 2 && answer.hasSuffix("\r\n\r\nbody"))
        await server.stop()

        let patient = try await TestServer()
        let client = try RawClient(port: patient.port)
        client.send(request)
        _ = try await patient.blocking { _ in client.read(until: "\r\n\r\nbody") }
        let start = ContinuousClock.now
        await patient.server.shutdown(timeout: .seconds(5))
        #expect(ContinuousClock.now - start < .seconds(2))
        withExtendedLifetime(client) {}
    }

    @Test("connections beyond the limit of an address are answered 503, and fit again once others close")
    func connectionLimit() async throws {
        let server = try await TestServer { $0.connectionsPerAddress = 3 }
        let (refused, accepted) = try await server.blocking { server in
            var held = try (0..<3).map { _ in try RawClient(port: server.port) }
            for client in held {
                client.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
                _ = client.read(until: "hello")
            }
            let refused = try RawClient(port: server.port).readToEnd()
            held.removeLast()
            Thread.sleep(forTimeInterval: 0.3)
            let client = try RawClient(port: server.port)
            client.send("GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            return (refused, client.readToEnd())
        }
        #expect(refused.hasPrefix("HTTP/1.1 503") && accepted.hasPrefix("HTTP/1.1 200"))
        await server.stop()
    }

    @Test("stopping closes idle connections, lets requests in hand finish and takes no new ones")
    func drains() async throws {
        let server = try await TestServer()
        let idle = try RawClient(port: server.port)
        idle.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
        _ = try await server.blocking { _ in idle.read(until: "hello") }
        let busy = try RawClient(port: server.port)
        busy.send("GET /brief HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(await server.events.wait(for: "brief begun"))
        async let stopped: Void = server.server.shutdown(timeout: .seconds(5))
        let (idleEnd, answer) = try await server.blocking { _ in (idle.readToEnd(), busy.readToEnd()) }
        await stopped
        #expect(idleEnd == "")
        #expect(answer.hasPrefix("HTTP/1.1 200") && answer.hasSuffix("done") && answer.contains("Connection: close"))
        #expect(throws: (any Error).self) { try RawClient(port: server.port) }
        #expect(server.server.connectionCount == 0)
    }

    @Test("what takes longer than the time to stop is cut off and cancelled")
    func cutsOff() async throws {
        let server = try await TestServer()
        let client = try RawClient(port: server.port)
        client.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(await server.events.wait(for: "slow begun"))
        await server.server.shutdown(timeout: .milliseconds(200))
        #expect(await server.events.wait(for: "slow cancelled"))
        #expect(server.server.connectionCount == 0)
    }

    @Test("connections that come and go abruptly leave no descriptors behind")
    func leavesNothing() async throws {
        let server = try await TestServer()
        func descriptors() throws -> Int { try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count }
        func churn(_ count: Int) async throws {
            try await server.blocking { server in
                for index in 0..<count {
                    let client = try RawClient(port: server.port)
                    switch index % 4 {
                    case 0: client.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
                    case 1: client.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
                    case 2: client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc")
                    default: break
                    }
                }
            }
            for _ in 0..<300 where server.server.connectionCount > 0 { try await Task.sleep(for: .milliseconds(10)) }
            #expect(server.server.connectionCount == 0)
        }
        try await churn(100)
        let before = try descriptors()
        try await churn(400)
        #expect(abs(try descriptors() - before) < 20)
        await server.stop()
    }
}
