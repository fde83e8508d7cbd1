import HTTP
import HTTPTypes

/// `GET /metrics`: everything that is counted and measured, for Prometheus.
package struct MetricsRoutes: RouteGroup {
    private let sources: [any MetricSource]

    /// - Parameter sources: Whose metrics are told, in order.
    package init(_ sources: [any MetricSource]) {
        self.sources = sources
    }

    package var routes: [Route] {
        [Route(.get, "/metrics") { _ in metrics() }]
    }

    private func metrics() -> ServerResponse {
        var writer = PrometheusWriter()
        for source in sources { source.write(to: &writer) }
        var fields: HTTPFields = [:]
        fields[.contentType] = PrometheusWriter.contentType
        fields[.cacheControl] = "no-store"
        return ServerResponse(status: .ok, fields: fields, body: .bytes(writer.bytes))
    }
}
