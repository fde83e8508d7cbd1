import Foundation
import HTTP
import HTTPTypes
import Testing

@Suite("HTTP client: time-outs, cancellation and length", .serialized, .timeLimit(.minutes(1)))
struct HTTPClientLimitTests {
    private let client = HTTPClient(timeout: .milliseconds(300))

    /// Asks a server that does not answer in time.
    private func expectTimeout(_ scheme: String = "http", of listener: SilentListener, body: [UInt8]? = nil) async {
        let (port, start) = (listener.port, ContinuousClock.now)
        await #expect(throws: HTTPClientError.timeout(address: "127.0.0.1:\(port)", seconds: 0.3)) {
            try await client.send(.post, "\(scheme)://127.0.0.1:\(port)/", body: body)
        }
        let elapsed = ContinuousClock.now - start
        #expect(elapsed >= .milliseconds(300) && elapsed < .milliseconds(1500))
    }

    @Test("a server that says nothing is given up when the time is over", arguments: ["http", "https"])
    func silent(scheme: String) async throws {
        let listener = try SilentListener()
        await expectTimeout(scheme, of: listener)
    }

    @Test(
        "a server that drips is given up when the time is over, however often a byte comes",
        arguments: ["", "HTTP/1.1 200 OK\r\nX: ", "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n"]
    )
    func drips(answer: String) async throws {
        let server = try ScriptedServer(answer, then: .drips)
        await expectTimeout(of: server.listener)
        #expect(await server.events.wait(for: "closed"))
    }

    @Test("a server that reads nothing is given up when the time is over")
    func readsNothing() async throws {
        let listener = try SilentListener()
        await expectTimeout(of: listener, body: [UInt8](repeating: 0, count: 16 << 20))
    }

    @Test("a server that takes no more connections is given up when the time is over")
    func fullQueue() async throws {
        let listener = try SilentListener()
        await withTaskGroup { group in
            for _ in 0..<8 { group.addTask { await expectTimeout(of: listener) } }
        }
    }

    @Test("a time-out that is not above zero is over at once", arguments: [Duration.zero, .milliseconds(-1), .seconds(-5)])
    func notPositive(timeout: Duration) async throws {
        let server = try ScriptedServer("", then: .keepsOpen)
        let expected = HTTPClientError.timeout(address: "127.0.0.1:\(server.port)", seconds: timeout / .seconds(1))
        await #expect(throws: expected) { try await server.ask(HTTPClient(timeout: timeout)) }
        #expect(server.events.all.isEmpty)
    }

    @Test("the longest time-out is one")
    func longest() async throws {
        let server = try ScriptedServer("HTTP/1.1 204 No Content\r\n\r\n", then: .keepsOpen)
        let answer = try await server.ask(HTTPClient(timeout: .seconds(Int64.max)))
        #expect(answer.status == .noContent)
    }

    @Test("errors are sentences")
    func sentences() {
        #expect("\(HTTPClientError.timeout(address: "a:1", seconds: 0.3))" == "no whole answer from a:1 came within 0.3 s")
        #expect("\(HTTPClientError.timeout(address: "a:1", seconds: 60))" == "no whole answer from a:1 came within 60 s")
        #expect(
            "\(HTTPClientError.timeout(address: "a:1", seconds: -1))"
                == "the request to a:1 has a time-out of -1 s, which is not above zero"
        )
        #expect("\(HTTPClientError.cancelled)" == "the request was cancelled")
    }

    @Test("cancelling ends a request that hangs", arguments: ["", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n12"])
    func cancels(answer: String) async throws {
        let server = try ScriptedServer(answer, then: .keepsOpen)
        let task = Task { try await server.ask(HTTPClient()) }
        #expect(await server.events.wait(for: "request"))
        try await Task.sleep(for: .milliseconds(50))
        let start = ContinuousClock.now
        task.cancel()
        await #expect(throws: HTTPClientError.cancelled) { try await task.value }
        #expect(ContinuousClock.now - start < .seconds(1))
        #expect(await server.events.wait(for: "closed"))
    }

    @Test("cancelling ends a handshake that hangs")
    func cancelsHandshake() async throws {
        let listener = try SilentListener()
        let task = Task { try await HTTPClient().send(.get, "https://127.0.0.1:\(listener.port)/") }
        try await Task.sleep(for: .milliseconds(100))
        let start = ContinuousClock.now
        task.cancel()
        await #expect(throws: HTTPClientError.cancelled) { try await task.value }
        #expect(ContinuousClock.now - start < .seconds(1))
        withExtendedLifetime(listener) {}
    }

    @Test("a task that is cancelled already gets no answer")
    func cancelledBefore() async throws {
        let listener = try SilentListener()
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await HTTPClient().send(.get, "http://127.0.0.1:\(listener.port)/")
        }
        await #expect(throws: HTTPClientError.cancelled) { try await task.value }
        withExtendedLifetime(listener) {}
    }

    @Test("many requests, cancelled at any moment, each end once")
    func cancelsAnywhere() async throws {
        let server = try await TestServer()
        await withTaskGroup { group in
            for index in 0..<100 {
                group.addTask {
                    let task = Task { try await HTTPClient().send(.get, "http://127.0.0.1:\(server.port)/hello") }
                    try? await Task.sleep(for: .microseconds(index * 50))
                    task.cancel()
                    switch await task.result {
                    case .success(let answer): #expect(answer.body == Array("hello".utf8))
                    case .failure(let error): #expect(error as? HTTPClientError == .cancelled)
                    }
                }
            }
        }
        await server.stop()
    }

    @Test(
        "an answer that is too long is refused, not cut",
        arguments: [
            "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 999999999999999999\r\n\r\n",
            "HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\n", "HTTP/1.1 200 OK\r\nX: ",
        ]
    )
    func tooLong(answer: String) async throws {
        let server = try ScriptedServer(answer, then: .drips)
        await #expect(throws: HTTPClientError.badResponse("it is longer than 100 bytes")) {
            try await server.ask(HTTPClient(timeout: .seconds(10), maximumBytes: 100))
        }
    }

    @Test("an answer of just the length that is taken is whole, whatever follows it")
    func longEnough() async throws {
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
        let server = try ScriptedServer(answer + "and more", then: .closes)
        #expect(try await server.ask(HTTPClient(maximumBytes: answer.utf8.count)).body == Array("hello".utf8))
        await #expect(throws: HTTPClientError.badResponse("it is longer than \(answer.utf8.count - 1) bytes")) {
            try await server.ask(HTTPClient(maximumBytes: answer.utf8.count - 1))
        }
    }
}
