/// How long something took, over many times: seconds, or null where it never happened.
struct LoadLatency: Encodable {
    let p50: Double?
    let p95: Double?
    let p99: Double?

    init(_ seconds: [Double]) {
        let samples = Samples(seconds)
        (p50, p95, p99) = (samples.percentile(0.5), samples.percentile(0.95), samples.percentile(0.99))
    }

    enum CodingKeys: String, CodingKey {
        case p50, p95, p99
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(p50, forKey: .p50)
        try container.encode(p95, forKey: .p95)
        try container.encode(p99, forKey: .p99)
    }
}
