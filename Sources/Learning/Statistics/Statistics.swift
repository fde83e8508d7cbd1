/// Measures of samples.
public enum Statistics {
    /// The mean; 0 of nothing.
    public static func mean(_ values: [Double]) -> Double {
        values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
    }

    /// The mean square of the differences from the mean; 0 of nothing.
    public static func variance(_ values: [Double]) -> Double {
        let mean = mean(values)
        return Self.mean(values.map { ($0 - mean) * ($0 - mean) })
    }

    /// Pearson's correlation, -1 to 1; 0 where one side does not vary.
    public static func correlation(_ x: [Double], _ y: [Double]) -> Double {
        let (meanX, meanY) = (mean(x), mean(y))
        let covariance = mean(zip(x, y).map { ($0 - meanX) * ($1 - meanY) })
        let scale = (variance(x) * variance(y)).squareRoot()
        return scale > 0 ? covariance / scale : 0
    }

    /// Spearman's rank correlation, -1 to 1: Pearson's of the ranks, equal values sharing their mean rank.
    public static func spearman(_ x: [Double], _ y: [Double]) -> Double {
        correlation(ranks(x), ranks(y))
    }

    /// Every value's rank, from 1; equal values share the mean of theirs.
    static func ranks(_ values: [Double]) -> [Double] {
        let order = values.indices.sorted { values[$0] < values[$1] }
        var ranks = [Double](repeating: 0, count: values.count)
        var start = 0
        while start < order.count {
            // Past the first whatever it is: not a number equals nothing, itself included.
            var end = start + 1
            while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
            for place in start..<end { ranks[order[place]] = Double(start + end + 1) / 2 }
            start = end
        }
        return ranks
    }
}
