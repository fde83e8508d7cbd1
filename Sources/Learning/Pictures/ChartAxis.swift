import Foundation

/// One axis: the range of some values, widened to round numbers, and where these lie in the picture.
struct ChartAxis {
    /// The round numbers that are written.
    let ticks: [Double]
    private let (low, high): (Double, Double)
    private let (start, end): (Double, Double)
    private let step: Double

    init(values: [Double], from start: Double, to end: Double) {
        (self.start, self.end) = (start, end)
        var (low, high) = (values.min() ?? 0, values.max() ?? 1)
        if high - low < 1e-9 * max(abs(low), abs(high), 1) { (low, high) = (low - max(0.5, abs(low) / 2), high + max(0.5, abs(high) / 2)) }
        let rough = (high - low) / 5
        let power = pow(10, floor(log10(rough)))
        step = ([1, 2, 2.5, 5, 10].map { $0 * power }.first { $0 >= rough }) ?? rough
        self.low = floor(low / step) * step
        self.high = ceil(high / step) * step
        let count = Int(((self.high - self.low) / step).rounded())
        ticks = (0...max(count, 1)).map { [lowest = self.low, step] in lowest + Double($0) * step }
    }

    /// Where a value lies.
    func position(_ value: Double) -> Double {
        start + (value - low) / (high - low) * (end - start)
    }

    /// A value as it is written: with as many digits as the ticks differ in.
    func text(_ value: Double) -> String {
        let digits = max(0, min(6, Int(ceil(-log10(step) + 0.31))))
        return String(format: "%.\(digits)f", abs(value) < step / 1000 ? 0 : value)
    }
}
