import Foundation
import HTTP
import HTTPTypes
import Logging
import Synchronization
import Testing

@Suite("Observers")
struct ObserverTests {
    /// Keeps what it is told.
    private final class Ledger: HTTPServerObserver {
        private struct State {
            var opened = 0
            var closed = 0
            var exchanges: [HTTPExchange] = []
        }

        private let state = Mutex(State())

        func connectionOpened() {
            state.withLock { $0.opened += 1 }
        }

        func connectionClosed() {
            state.withLock { $0.closed += 1 }
        }

        func ended(_ exchange: HTTPExchange) {
            state.withLock { $0.exchanges.append(exchange) }
        }

        var connections: (opened: Int, closed: Int) {
            state.withLock { ($0.opened, $0.closed) }
        }

        /// What ended, once there are so many.
        func exchanges(_ count: Int) async -> [HTTPExchange] {
            for _ in 0..<500 {
                let found = state.withLock { $0.exchanges }
                if found.count >= count { return found }
                try? await Task.sleep(for: .milliseconds(10))
            }
            return state.withLock { $0.exchanges }
        }
    }

    private static func request(_ line: String, _ fields: String = "") -> String {
        "\(line) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\(fields)\r\n"
    }

    @Test(
        "every answer is told of once: method, path, route, status and the bytes of its body",
        arguments: [
            ("GET /hello?a=1", "GET", "/hello", "/hello", 200, 5),
            ("HEAD /hello", "HEAD", "/hello", "/hello", 200, 0),
            ("GET /name/x%20y", "GET", "/name/x%20y", "/name/{name}", 200, 4),
            ("GET /stream/3", "GET", "/stream/3", "/stream/{count}", 200, 24),
            ("GET /empty-stream", "GET", "/empty-stream", "/empty-stream", 204, 0),
            ("DELETE /hello", "DELETE", "/hello", "/hello", 405, nil),
            ("GET /nowhere", "GET", "/nowhere", nil, 404, nil),
            ("GET /%zz", "GET", "/%zz", nil, 400, nil),
            ("GET /fail", "GET", "/fail", "/fail", 500, nil),
        ] as [(String, String, String, String?, Int, Int?)]
    )
    func tells(line: String, method: String, path: String, route: String?, status: Int, bytes: Int?) async throws {
        let ledger = Ledger()
        let server = try await TestServer(observers: [ledger])
        let answer = try await server.exchange(Self.request(line, "X-Request-Id: mine\r\n"))
        let exchanges = await ledger.exchanges(1)
        let exchange = try #require(exchanges.first)
        #expect(exchanges.count == 1 && answer.contains("\r\nX-Request-Id: mine\r\n"))
        #expect(exchange.context.id == "mine" && exchange.method?.rawValue == method && exchange.path == path)
        #expect(exchange.context.route == route && exchange.status?.code == status && exchange.isWhole)
        let body = try #require(answer.components(separatedBy: "\r\n\r\n").dropFirst().first)
        #expect(exchange.bodyBytes == bytes ?? body.utf8.count && exchange.duration >= .zero)
        await server.stop()
        #expect(ledger.connections == (1, 1))
    }

    @Test("what is no request is told of as well, with a new id that its answer carries")
    func refusals() async throws {
        let ledger = Ledger()
        let server = try await TestServer(observers: [ledger])
        let bad = try await server.exchange("nonsense\r\n\r\n")
        let long = try await server.exchange(Self.request("GET /hello", "X-Long: \(String(repeating: "a", count: 40_000))\r\n"))
        let exchanges = await ledger.exchanges(2)
        #expect(exchanges.map { $0.status?.code } == [400, 431])
        for (exchange, answer) in zip(exchanges, [bad, long]) {
            #expect(exchange.method == nil && exchange.path == nil && exchange.context.route == nil)
            #expect(exchange.context.id.hasPrefix("req_") && answer.contains("\r\nX-Request-Id: \(exchange.context.id)\r\n"))
        }
        await server.stop()
    }

    @Test("an answer that breaks off is not whole, and one that nobody waited for has no status")
    func broken() async throws {
        let ledger = Ledger()
        let server = try await TestServer(observers: [ledger])
        _ = try await server.exchange(Self.request("GET /midway"))
        let midway = await ledger.exchanges(1)
        #expect(midway[0].status == .ok && !midway[0].isWhole && midway[0].bodyBytes == 5)
        try await server.blocking { server in
            let client = try RawClient(port: server.port)
            client.send(Self.request("GET /slow"))
            client.shutdownWriting()
        }
        let left = await ledger.exchanges(2)
        #expect(left.count == 2 && left[1].status == nil && !left[1].isWhole && left[1].context.route == "/slow")
        await server.stop()
    }

    @Test("the context is the task's while a handler runs, its notes are told, and loggers find the id in it")
    func context() async throws {
        let ledger = Ledger()
        let server = try await TestServer(observers: [ledger])
        _ = try await server.exchange(Self.request("GET /noted", "X-Request-Id: mine\r\n"))
        #expect(await ledger.exchanges(1).first?.context.notes == ["by": "task", "id": "true"])
        #expect(RequestContext.current == nil && RequestContext.metadataProvider.get().isEmpty)
        await server.stop()
    }
}
