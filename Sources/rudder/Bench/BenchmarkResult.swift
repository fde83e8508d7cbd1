/// A row's measurement: tokens a second over several runs.
struct BenchmarkResult: Encodable {
    let test: String
    let sequences: Int
    /// The median.
    let tokensPerSecond: Double
    /// The slowest run.
    let low: Double
    /// The fastest run.
    let high: Double

    init(_ test: BenchmarkTest, runs: [Double]) {
        let sorted = runs.sorted()
        self.test = test.name
        sequences = test.sequences
        tokensPerSecond = sorted.isEmpty ? 0 : sorted[sorted.count / 2]
        low = sorted.first ?? 0
        high = sorted.last ?? 0
    }

    enum CodingKeys: String, CodingKey {
        case test, sequences, control, low, high, overhead
        case tokensPerSecond = "tokens_per_second"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(test, forKey: .test)
        try container.encode(sequences, forKey: .sequences)
        try container.encodeNil(forKey: .control)
        try container.encode(tokensPerSecond, forKey: .tokensPerSecond)
        try container.encode(low, forKey: .low)
        try container.encode(high, forKey: .high)
        try container.encodeNil(forKey: .overhead)
    }
}
