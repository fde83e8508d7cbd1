import Inference

/// A mean with its bootstrap interval.
public struct Interval: Sendable, Codable, Equatable {
    /// The mean.
    public let mean: Double
    /// The interval's lower end.
    public let low: Double
    /// Its upper end.
    public let high: Double

    /// The mean of a sample, and the 95% percentile interval of the means of samples drawn from it with replacement (Efron, 1979).
    ///
    /// - Parameters:
    ///   - values: the sample.
    ///   - resamples: how many are drawn.
    ///   - seed: what they are drawn by.
    public init(bootstrapping values: [Double], resamples: Int = 2000, seed: UInt64 = 0) {
        mean = Statistics.mean(values)
        guard values.count > 1 else {
            (low, high) = (mean, mean)
            return
        }
        var random = RandomSource(seed: seed)
        var means = (0..<resamples).map { _ in
            var sum = 0.0
            for _ in values.indices { sum += values[random.index(below: values.count)] }
            return sum / Double(values.count)
        }
        means.sort()
        low = means[Int(0.025 * Double(resamples - 1))]
        high = means[Int((0.975 * Double(resamples - 1)).rounded(.up))]
    }
}
