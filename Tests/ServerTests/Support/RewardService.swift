import Foundation
import HTTP
import HTTPTypes
import Logging
import Synchronization

/// A service that judges answers over HTTP, each by its number of characters, until it is told to do otherwise.
final class RewardService: Sendable {
    let url: String
    private let server: HTTPServer
    private let state: State

    /// What it was asked, and what it is to answer.
    private final class State: Sendable {
        let batches = Mutex([Int]())
        let answer = Mutex<(@Sendable (_ batch: Int) -> ServerResponse?)?>(nil)
    }

    init() async throws {
        var configuration = HTTPServerConfiguration()
        configuration.port = 0
        var logger = Logger(label: "tests")
        logger.logLevel = .critical
        let state = State()
        self.state = state
        let route = Route(.post, "/judge") { request in
            let body = try JSONSerialization.jsonObject(with: Data(try await request.body.collect())) as? [String: Any]
            let items = body?["items"] as? [[String: Any]] ?? []
            let number = state.batches.withLock {
                $0.append(items.count)
                return $0.count
            }
            if let other = state.answer.withLock({ $0 })?(number) { return other }
            let rewards = items.map { "{\"reward\": \(($0["response"] as? String ?? "").count)}" }
            return ServerResponse(status: .ok, body: .bytes(Array("{\"rewards\": [\(rewards.joined(separator: ","))]}".utf8)))
        }
        server = HTTPServer(configuration: configuration, logger: logger, handler: Router([route]))
        url = "http://127.0.0.1:\(try await server.start().port)/judge"
    }

    /// How many answers each request brought.
    var batches: [Int] {
        state.batches.withLock { $0 }
    }

    /// Answers otherwise, where `answer` gives something for the number of the request, from 1.
    func answer(_ answer: (@Sendable (Int) -> ServerResponse?)?) {
        state.answer.withLock { $0 = answer }
    }

    func stop() async {
        await server.shutdown(timeout: .seconds(1))
    }
}
