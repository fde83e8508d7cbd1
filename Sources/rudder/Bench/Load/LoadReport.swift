import Foundation

/// What driving a server showed.
struct LoadReport: Encodable {
    let server: String
    let clients: Int
    let seconds: Double
    /// Requests that were answered whole.
    let requests: Int
    let requestsPerSecond: Double
    let tokens: Int
    let tokensPerSecond: Double
    /// Tokens of prompts that the server computed besides.
    let promptTokensPerSecond: Double
    let timeToFirstToken: LoadLatency
    let interToken: LoadLatency
    let requestTime: LoadLatency
    /// Answers of status 429: the server said that it has enough to do, and when to come again.
    let refused: Int
    /// Requests that were under way when the time was up.
    let unfinished: Int
    /// Failed requests by kind.
    let errors: [String: Int]
    /// The part of one core that driving took.
    let driverProcessor: Double

    enum CodingKeys: String, CodingKey {
        case server, clients, seconds, requests, tokens, refused, unfinished, errors
        case requestsPerSecond = "requests_per_second"
        case tokensPerSecond = "tokens_per_second"
        case promptTokensPerSecond = "prompt_tokens_per_second"
        case timeToFirstToken = "time_to_first_token"
        case interToken = "inter_token"
        case requestTime = "request_time"
        case driverProcessor = "driver_processor"
    }

    init(server: String, clients: Int, seconds: Double, processorSeconds: Double, unfinished: Int, statistics: LoadStatistics) {
        self.server = server
        self.clients = clients
        self.seconds = seconds
        self.unfinished = unfinished
        requests = statistics.completed
        requestsPerSecond = Double(statistics.completed) / seconds
        tokens = statistics.tokens
        tokensPerSecond = Double(statistics.tokens) / seconds
        promptTokensPerSecond = Double(statistics.promptTokens) / seconds
        timeToFirstToken = LoadLatency(statistics.firstTokenSeconds)
        interToken = LoadLatency(statistics.tokenSeconds)
        requestTime = LoadLatency(statistics.requestSeconds)
        refused = statistics.refused
        errors = Dictionary(statistics.failures.map { ($0.key.description, $0.value) }, uniquingKeysWith: +)
        driverProcessor = processorSeconds / seconds
    }

    /// Says that nothing was measured, where no request was answered; nil where one was.
    var failure: CommandError? {
        guard requests == 0, let kind = errors.max(by: { $0.value < $1.value })?.key else { return nil }
        return CommandError("no request was answered: \(kind); the server's log says why")
    }

    /// The report as one line of JSON.
    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    /// The report as a table for people.
    func table() -> String {
        var lines = [
            "\(clients) clients, \(String(format: "%.1f", seconds)) s, http://\(server)",
            "",
            "| latency | p50 | p95 | p99 |",
            "| --- | ---: | ---: | ---: |",
        ]
        for (name, latency) in [("time to first token", timeToFirstToken), ("between tokens", interToken), ("whole request", requestTime)] {
            let cells = [latency.p50, latency.p95, latency.p99].map { $0.map { String(format: "%.0f ms", $0 * 1000) } ?? "–" }
            lines.append("| \(name) | " + cells.joined(separator: " | ") + " |")
        }
        lines += [
            "",
            "| count | |",
            "| --- | ---: |",
            String(format: "| tokens generated/s | %.1f |", tokensPerSecond),
            String(format: "| tokens of prompts/s | %.1f |", promptTokensPerSecond),
            String(format: "| requests/s | %.2f |", requestsPerSecond),
            "| answered | \(requests) |",
            "| refused (429) | \(refused) |",
            "| failed | \(errors.values.reduce(0, +)) |",
        ]
        for (kind, count) in errors.sorted(by: { $0.key < $1.key }) { lines.append("| – \(TerminalText.line(kind)) | \(count) |") }
        lines.append("| under way at the end | \(unfinished) |")
        lines.append(String(format: "| the driver's part of a core | %.1f%% |", driverProcessor * 100))
        return lines.joined(separator: "\n")
    }
}
