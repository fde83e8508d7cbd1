import HTTP
import HTTPTypes
import Inference
import Synchronization

/// Counts connections, requests and the time they took.
package final class HTTPMetrics: HTTPServerObserver, MetricSource {
    private struct Key: Hashable {
        let method: String
        let route: String
        let status: Int
    }

    private struct State {
        var connections = 0
        var requests: [Key: Int] = [:]
        var durations: [String: Histogram] = [:]
    }

    /// What is told of a method or a path that the server does not know: clients choose those, and each would be a series of its own.
    private static let other = "other"
    private static let methods: Set<String> = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT"]
    private static let bounds = [
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600,
    ]

    private let state = Mutex(State())

    package init() {}

    package func connectionOpened() {
        state.withLock { $0.connections += 1 }
    }

    package func connectionClosed() {
        state.withLock { $0.connections -= 1 }
    }

    package func ended(_ exchange: HTTPExchange) {
        let method = exchange.method.map(\.rawValue).flatMap { Self.methods.contains($0) ? $0 : nil }
        let key = Key(
            method: method ?? Self.other,
            route: exchange.context.route ?? Self.other,
            status: exchange.status?.code ?? ClientClosedRequest.code
        )
        state.withLock { state in
            state.requests[key, default: 0] += 1
            state.durations[key.route, default: Histogram(bounds: Self.bounds)].observe(exchange.duration / .seconds(1))
        }
    }

    package func write(to writer: inout PrometheusWriter) {
        let state = state.withLock { $0 }
        writer.family("rudder_http_connections", .gauge, "Open connections.")
        writer.sample(state.connections)
        writer.family("rudder_http_requests_total", .counter, "HTTP requests whose answer has ended, by method, route and status.")
        for (key, count) in state.requests.sorted(by: {
            ($0.key.route, $0.key.method, $0.key.status) < ($1.key.route, $1.key.method, $1.key.status)
        }) {
            writer.sample(count, ["method": key.method, "route": key.route, "status": String(key.status)])
        }
        writer.family("rudder_http_request_duration_seconds", .histogram, "Time from a request's head to the end of its answer.")
        for (route, histogram) in state.durations.sorted(by: { $0.key < $1.key }) { writer.sample(histogram, ["route": route]) }
    }
}
