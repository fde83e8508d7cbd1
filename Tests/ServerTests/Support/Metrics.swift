/// The samples of a scrape, by name and labels as they are written: `rudder_requests_running{model="tiny"}`.
struct Metrics {
    let samples: [String: Double]

    init(_ text: String) throws {
        var samples: [String: Double] = [:]
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            guard let space = line.lastIndex(of: " "), let value = Double(line[line.index(after: space)...]) else {
                throw TestFailure("no sample: \(line)")
            }
            guard samples.updateValue(value, forKey: String(line[..<space])) == nil else { throw TestFailure("twice: \(line)") }
        }
        self.samples = samples
    }

    subscript(_ sample: String) -> Double? {
        samples[sample]
    }

    /// The sum of a family's samples that have a label.
    func sum(_ family: String, where label: String? = nil) -> Double {
        samples.reduce(0) { sum, sample in
            sample.key.hasPrefix(family + "{") && label.map(sample.key.contains) != false ? sum + sample.value : sum
        }
    }
}

extension TestServer {
    /// Scrapes the server.
    func metrics() async throws -> Metrics {
        try Metrics(try await client.send("GET", "/metrics").text)
    }

    /// Scrapes the server until a condition holds: an answer is counted when it has ended, which its reader may see first.
    func metrics(when condition: (Metrics) -> Bool) async throws -> Metrics {
        for _ in 0..<500 {
            let metrics = try await metrics()
            if condition(metrics) { return metrics }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw TestFailure("waited in vain: \(try await metrics().samples.sorted { $0.key < $1.key })")
    }
}
