/// A part of the server that has metrics.
package protocol MetricSource: Sendable {
    /// Writes them as they are now.
    func write(to writer: inout PrometheusWriter)
}
