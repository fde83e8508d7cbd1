/// What was done with each API key. Keys are named by the operator; what clients make up is no label.
package struct KeyMetrics: MetricSource {
    private let access: AccessControl

    package init(access: AccessControl) {
        self.access = access
    }

    package func write(to writer: inout PrometheusWriter) {
        let totals = access.totals.sorted { $0.name < $1.name }
        guard !totals.isEmpty else { return }
        writer.family("rudder_api_key_requests_total", .counter, "Requests that made work and were let in, by API key.")
        for (name, totals) in totals { writer.sample(totals.requests, ["key": name]) }
        writer.family("rudder_api_key_refused_total", .counter, "Requests that were refused, for a limit of the API key was reached.")
        for (name, totals) in totals { writer.sample(totals.refused, ["key": name]) }
        writer.family("rudder_api_key_tokens_total", .counter, "Tokens of prompts and answers, by API key.")
        for (name, totals) in totals { writer.sample(totals.tokens, ["key": name]) }
    }
}
