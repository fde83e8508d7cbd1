/// How often numbers were in which range, and their sum: Prometheus' kind of histogram, as a value.
public struct Histogram: Sendable, Equatable {
    /// The upper bounds of the ranges, ascending; a number that is a bound belongs below it. Above the last is one range more.
    public let bounds: [Double]
    /// How many numbers fell into each range: one more than there are bounds.
    public private(set) var counts: [Int]
    /// The sum of all numbers.
    public private(set) var sum = 0.0

    /// Makes an empty histogram.
    ///
    /// - Parameter bounds: the ranges' upper bounds, ascending.
    public init(bounds: [Double]) {
        self.bounds = bounds
        counts = [Int](repeating: 0, count: bounds.count + 1)
    }

    /// How many numbers there were.
    public var count: Int {
        counts.reduce(0, +)
    }

    /// Takes a number in. One that is not finite belongs nowhere and is left out: it would spoil the sum for good.
    public mutating func observe(_ value: Double) {
        guard value.isFinite else { return }
        counts[bounds.firstIndex { value <= $0 } ?? bounds.count] += 1
        sum += value
    }

    /// Takes in all that another histogram of the same bounds holds; one of other bounds is left out.
    public mutating func add(_ other: Histogram) {
        guard other.bounds == bounds else { return }
        for index in counts.indices { counts[index] += other.counts[index] }
        sum += other.sum
    }
}
