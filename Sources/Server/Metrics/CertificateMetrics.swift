import Foundation

/// Until when the server's certificate is valid, so that somebody is called before clients turn away.
package struct CertificateMetrics: MetricSource {
    private let end: Live<Date?>

    /// - Parameter end: When its validity ends; nil: there is no certificate.
    package init(end: Live<Date?>) {
        self.end = end
    }

    package func write(to writer: inout PrometheusWriter) {
        guard let end = end.value else { return }
        writer.family(
            "rudder_tls_certificate_end_time_seconds",
            .gauge,
            "When the validity of the certificate in use ends, in seconds since 1970."
        )
        writer.sample(end.timeIntervalSince1970.rounded())
    }
}
