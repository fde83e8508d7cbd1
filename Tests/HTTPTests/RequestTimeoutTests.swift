import Foundation
import HTTP
import HTTPTypes
import Synchronization
import Testing

/// The time that a request may take from the end of its head to the end of its answer.
@Suite("The request time-out", .serialized)
struct RequestTimeoutTests {
    private static let close = "Host: a\r\nConnection: close\r\n\r\n"

    private static func serving(
        _ routes: (TestServer.Events) -> [Route] = { _ in [] },
        limit: Duration = .milliseconds(400),
        observers: [any HTTPServerObserver] = [],
        _ body: (TestServer, TestServer.Events) async throws -> Void
    ) async throws {
        let events = TestServer.Events()
        let server = try await TestServer(observers: observers, routes: routes(events)) { $0.requestTimeout = limit }
        do { try await body(server, events) } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    /// Takes the exchanges down.
    private final class Ledger: HTTPServerObserver {
        private let exchanges = Mutex<[HTTPExchange]>([])
        var all: [HTTPExchange] { exchanges.withLock { $0 } }
        func connectionOpened() {}
        func connectionClosed() {}
        func ended(_ exchange: HTTPExchange) { exchanges.withLock { $0.append(exchange) } }
    }

    @Test("a handler that does not answer in time is cancelled; its client gets 503, and the connection closes")
    func slowHandler() async throws {
        let ledger = Ledger()
        try await Self.serving(observers: [ledger]) { (server, _) async throws in
            let start = ContinuousClock.now
            let answer = try await server.exchange("GET /slow HTTP/1.1\r\nHost: a\r\n\r\nGET /hello HTTP/1.1\r\n\(Self.close)")
            #expect(answer.hasPrefix("HTTP/1.1 503") && answer.contains("Connection: close") && !answer.contains("hello"))
            #expect(answer.lowercased().contains("x-should-retry: false"))
            #expect(ContinuousClock.now - start < .seconds(3))
            #expect(await server.events.wait(for: "slow cancelled"))
            for _ in 0..<200 where ledger.all.isEmpty { try await Task.sleep(for: .milliseconds(10)) }
            let exchange = try #require(ledger.all.first)
            #expect(
                ledger.all.count == 1 && exchange.status == .serviceUnavailable && exchange.isWhole && exchange.context.route == "/slow"
            )
        }
    }

    @Test("a handler that goes on although it is cancelled holds up nobody, and what it answers later goes nowhere")
    func stubbornHandler() async throws {
        let gate = Mutex<CheckedContinuation<Void, Never>?>(nil)
        try await Self.serving { events in
            [
                Route(.get, "/stubborn") { _ in
                    await withCheckedContinuation { continuation in gate.withLock { $0 = continuation } }
                    events.add("ended")
                    return ServerResponse(status: .ok, body: .bytes(Array("late".utf8)))
                }
            ]
        } _: { (server, events) async throws in
            let answer = try await server.exchange("GET /stubborn HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 503") && !answer.contains("late"))
            #expect(events.all.isEmpty)
            gate.withLock { $0 }?.resume()
            #expect(await events.wait(for: "ended"))
            #expect(try await server.exchange("GET /hello HTTP/1.1\r\n\(Self.close)").hasSuffix("hello"))
        }
    }

    @Test("where the handler waits for the body it is the client's fault: 408")
    func slowBody() async throws {
        try await Self.serving { (server, _) async throws in
            let answer = try await server.exchange("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc")
            #expect(answer.hasPrefix("HTTP/1.1 408") && answer.contains("Connection: close"))
        }
    }

    @Test("a body that is still read by what a handler began, and left behind, is read no further")
    func strayReader() async throws {
        try await Self.serving { events in
            [
                Route(.post, "/stray") { request in
                    // A task of its own, which is not cancelled with the handler.
                    let reader = Task {
                        do { _ = try await request.body.collect() } catch { events.add("reader: \(error)") }
                    }
                    await reader.value
                    return ServerResponse(status: .ok)
                }
            ]
        } _: { (server, events) async throws in
            let answer = try await server.exchange("POST /stray HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc")
            #expect(answer.hasPrefix("HTTP/1.1 408"))
            #expect(await events.wait(for: "reader: \(RequestBodyError.timedOut)"))
        }
    }

    @Test("an answer that has begun is cut off without its end, and what writes it is cancelled", arguments: [false, true])
    func slowAnswer(isStubborn: Bool) async throws {
        let ledger = Ledger()
        try await Self.serving(
            { events in
                [
                    Route(.get, "/long") { _ in
                        ServerResponse(
                            status: .ok,
                            body: .stream { writer in
                                defer { events.add("ended") }
                                // Ten seconds, if nothing ends it.
                                for _ in 0..<200 {
                                    try await writer.write(Array("piece\n".utf8))
                                    // One that does not look whether it is cancelled ends with its next piece.
                                    do { try await Task.sleep(for: .milliseconds(50)) } catch  where isStubborn {}
                                }
                            }
                        )
                    }
                ]
            },
            observers: [ledger]
        ) { (server, events) async throws in
            let answer = try await server.exchange("GET /long HTTP/1.1\r\n\(Self.close)")
            #expect(answer.hasPrefix("HTTP/1.1 200") && answer.contains("6\r\npiece\n\r\n") && !answer.contains("0\r\n\r\n"))
            #expect(await events.wait(for: "ended"))
            for _ in 0..<200 where ledger.all.isEmpty { try await Task.sleep(for: .milliseconds(10)) }
            #expect(ledger.all.map(\.isWhole) == [false] && ledger.all.map(\.status) == [.ok])
        }
    }

    @Test("a client that reads slowly does not keep a request beyond its time")
    func slowReader() async throws {
        try await Self.serving { (server, _) async throws in
            let client = try RawClient(port: server.port)
            client.send("GET /big HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(await server.events.wait(for: "big stopped"))
            withExtendedLifetime(client) {}
        }
    }

    @Test("each request of a connection has the time for itself, and waiting between them costs none")
    func severalRequests() async throws {
        try await Self.serving(limit: .milliseconds(600)) { (server, _) async throws in
            let answer = try await server.blocking { server in
                let client = try RawClient(port: server.port)
                var answers = ""
                for _ in 0..<3 {
                    // Takes 0.3 s.
                    client.send("GET /brief HTTP/1.1\r\nHost: a\r\n\r\n")
                    answers += client.read(until: "done")
                    Thread.sleep(forTimeInterval: 0.4)
                }
                client.send("GET /hello HTTP/1.1\r\n\(Self.close)")
                return answers + client.readToEnd()
            }
            #expect(answer.components(separatedBy: "HTTP/1.1 200").count == 5 && answer.hasSuffix("hello"))
        }
    }

    @Test("a client that goes away still has its handler cancelled at once")
    func clientLeaves() async throws {
        try await Self.serving(limit: .seconds(20)) { (server, _) async throws in
            try await server.blocking { server in
                let client = try RawClient(port: server.port)
                client.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
                Thread.sleep(forTimeInterval: 0.2)
            }
            #expect(await server.events.wait(for: "slow cancelled"))
        }
    }

    @Test("the request's context is the handler's under a time-out as well")
    func context() async throws {
        let ledger = Ledger()
        try await Self.serving(observers: [ledger]) { (server, _) async throws in
            #expect(try await server.exchange("GET /noted HTTP/1.1\r\n\(Self.close)").hasPrefix("HTTP/1.1 200"))
            for _ in 0..<200 where ledger.all.isEmpty { try await Task.sleep(for: .milliseconds(10)) }
            #expect(ledger.all.first?.context.notes == ["by": "task", "id": "true"])
        }
    }
}
