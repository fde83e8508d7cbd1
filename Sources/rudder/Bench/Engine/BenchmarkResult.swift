/// A row's measurement: tokens a second over several runs.
package struct BenchmarkResult: Encodable {
    package let test: BenchmarkTest
    /// Tokens a second of each run.
    package let speeds: Samples
    /// Extra time for each token, as a fraction of the plain runs' before and after, of each controlled run.
    package let overheads: Samples

    enum CodingKeys: String, CodingKey {
        case test, sequences, control, low, high, overhead
        case tokensPerSecond = "tokens_per_second"
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(test.name, forKey: .test)
        try container.encode(test.sequences, forKey: .sequences)
        try container.encode(test.control, forKey: .control)
        try container.encode(speeds.median, forKey: .tokensPerSecond)
        try container.encode(speeds.low, forKey: .low)
        try container.encode(speeds.high, forKey: .high)
        try container.encode(test.control == nil ? nil : overheads.median, forKey: .overhead)
    }
}
