import Foundation
import HTTP
import HTTPTypes
import Logging
import Synchronization

/// A server on a port of its own with some routes that tests ask.
final class TestServer: Sendable {
    let server: HTTPServer
    let port: Int
    let events: Events

    /// What handlers saw.
    final class Events: Sendable {
        private let seen = Mutex<[String]>([])

        func add(_ event: String) {
            seen.withLock { $0.append(event) }
        }

        var all: [String] {
            seen.withLock { $0 }
        }

        /// Waits until an event was seen, for at most some seconds.
        func wait(for event: String) async -> Bool {
            for _ in 0..<500 {
                if all.contains(event) { return true }
                try? await Task.sleep(for: .milliseconds(10))
            }
            return false
        }
    }

    /// Starts a server with its usual routes behind `routes`.
    init(
        observers: [any HTTPServerObserver] = [],
        routes: [Route] = [],
        logger: Logger? = nil,
        _ change: (inout HTTPServerConfiguration) -> Void = { _ in }
    ) async throws {
        var configuration = HTTPServerConfiguration()
        configuration.port = 0
        configuration.bodyBytes = 1 << 20
        change(&configuration)
        let events = Events()
        var quiet = Logger(label: "tests")
        quiet.logLevel = .critical
        server = HTTPServer(
            configuration: configuration,
            logger: logger ?? quiet,
            observers: observers,
            handler: Router(routes + Self.routes(events))
        )
        self.events = events
        port = try await server.start().port
    }

    private static func routes(_ events: Events) -> [Route] {
        [
            Route(.get, "/hello") { _ in
                ServerResponse(status: .ok, fields: [.contentType: "text/plain"], body: .bytes(Array("hello".utf8)))
            },
            Route(.get, "/whoami") { request in
                ServerResponse(status: .ok, body: .bytes(Array((request.clientCertificate ?? "nobody").utf8)))
            },
            Route(.get, "/name/{name}") { request in
                let query = request.query.map { "\($0.name)=\($0.value ?? "nil")" }.joined(separator: ",")
                return ServerResponse(status: .ok, body: .bytes(Array("\(request.parameters["name"] ?? "")|\(query)".utf8)))
            },
            Route(.post, "/echo") { request in ServerResponse(status: .ok, body: .bytes(try await request.body.collect())) },
            Route(.post, "/count") { request in
                var count = 0
                for try await piece in request.body { count += piece.count }
                return ServerResponse(status: .ok, body: .bytes(Array("\(count)".utf8)))
            },
            Route(.post, "/refuse") { _ in ServerResponse(status: .unauthorized, body: .bytes(Array("no".utf8))) },
            Route(.get, "/stream/{count}") { request in
                let count = Int(request.parameters["count"] ?? "") ?? 0
                return ServerResponse(
                    status: .ok,
                    body: .stream { writer in
                        for index in 0..<count { try await writer.write(Array("piece \(index)\n".utf8)) }
                    }
                )
            },
            Route(.get, "/big") { _ in
                ServerResponse(
                    status: .ok,
                    body: .stream { writer in
                        defer { events.add("big ended") }
                        let piece = [UInt8](repeating: 0x61, count: 64 << 10)
                        for index in 0..<4096 {
                            do { try await writer.write(piece) } catch {
                                events.add("big stopped")
                                throw error
                            }
                            events.add("big \(index)")
                        }
                    }
                )
            },
            Route(.get, "/noted") { request in
                RequestContext.current?.note("by", "task")
                request.context.note("id", "\(RequestContext.current?.id == request.context.id)")
                return ServerResponse(status: .ok)
            },
            Route(.get, "/fail") { _ in throw Failure() },
            Route(.get, "/gives-up") { _ in throw CancellationError() },
            Route(.get, "/empty-stream") { _ in ServerResponse(status: .noContent, body: .stream { _ in }) },
            Route(.get, "/stray") { _ in
                ServerResponse(
                    status: .ok,
                    body: .stream { writer in
                        try await writer.write(Array("whole".utf8))
                        Task {
                            for _ in 0..<100 {
                                do { try await writer.write(Array("stray".utf8)) } catch {
                                    events.add("stray refused")
                                    return
                                }
                                try await Task.sleep(for: .milliseconds(2))
                            }
                        }
                    }
                )
            },
            Route(.get, "/midway") { _ in
                ServerResponse(
                    status: .ok,
                    body: .stream { writer in
                        try await writer.write(Array("begun".utf8))
                        throw Failure()
                    }
                )
            },
            Route(.post, "/slow") { _ in
                events.add("slow begun")
                do { try await Task.sleep(for: .seconds(20)) } catch {
                    events.add("slow cancelled")
                    throw error
                }
                return ServerResponse(status: .ok)
            },
            Route(.get, "/slow") { _ in
                events.add("slow begun")
                do { try await Task.sleep(for: .seconds(20)) } catch {
                    events.add("slow cancelled")
                    throw error
                }
                return ServerResponse(status: .ok)
            },
            Route(.get, "/brief") { _ in
                events.add("brief begun")
                try await Task.sleep(for: .milliseconds(300))
                return ServerResponse(status: .ok, body: .bytes(Array("done".utf8)))
            },
        ]
    }

    struct Failure: Error {}

    /// Runs blocking calls on a thread that the cooperative pool does not wait for.
    func blocking<Value: Sendable>(_ body: @escaping @Sendable (TestServer) throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try body(self) }) }
        }
    }

    /// Sends a raw request that ends the connection, and reads all that comes back.
    func exchange(_ request: String) async throws -> String {
        try await blocking { server in
            let client = try RawClient(port: server.port)
            client.send(request)
            return client.readToEnd()
        }
    }

    func stop() async {
        await server.shutdown(timeout: .seconds(1))
    }
}
