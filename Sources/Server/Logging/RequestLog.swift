import HTTP
import Logging

/// Logs every request, a line each, when its answer has ended.
package struct RequestLog: HTTPServerObserver {
    private let logger: Logger

    package init(logger: Logger) {
        self.logger = logger
    }

    package func connectionOpened() {}

    package func connectionClosed() {}

    package func ended(_ exchange: HTTPExchange) {
        var metadata = exchange.context.notes
        metadata["request_id"] = .string(exchange.context.id)
        metadata["client"] = .string(exchange.remoteAddress.host)
        metadata["method"] = exchange.method.map { .string($0.rawValue) }
        metadata["path"] = exchange.path.map { .string($0) }
        metadata["status"] = .stringConvertible(exchange.status?.code ?? ClientClosedRequest.code)
        metadata["bytes"] = .stringConvertible(exchange.bodyBytes)
        metadata["duration"] = .stringConvertible((exchange.duration / .microseconds(1)).rounded() / 1e6)
        if !exchange.isWhole { metadata["aborted"] = .stringConvertible(true) }
        logger.log(level: isProbe(exchange) ? .debug : .info, "request", metadata: metadata)
    }

    /// Whether it is one of those by which others watch the server every few seconds, and went well.
    private func isProbe(_ exchange: HTTPExchange) -> Bool {
        exchange.method == .get && exchange.status == .ok && ["/health", "/ready", "/metrics"].contains(exchange.context.route)
    }
}
