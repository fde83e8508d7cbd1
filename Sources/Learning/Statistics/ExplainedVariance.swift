/// How much of the variance of outcomes predictions explain, within groups and between them.
public struct ExplainedVariance: Sendable {
    /// Sums of squares, of the outcomes and of what predictions leave of them, about each group's mean.
    private let inside: (total: Double, open: Double)
    /// The same of the groups' means about the mean of all, each as often as it has members.
    private let between: (total: Double, open: Double)

    /// Measures.
    ///
    /// - Parameters:
    ///   - outcomes: what came.
    ///   - predictions: what was foretold, as many.
    ///   - groups: which group each belongs to, as many.
    public init(outcomes: [Double], predictions: [Double], groups: [Int]) {
        func squares(_ values: [Double]) -> (within: Double, between: Double) {
            var sums: [Int: (sum: Double, count: Int)] = [:]
            for (value, group) in zip(values, groups) {
                let sum = sums[group] ?? (0, 0)
                sums[group] = (sum.sum + value, sum.count + 1)
            }
            let means = sums.mapValues { $0.sum / Double($0.count) }
            let mean = Statistics.mean(values)
            var found = (within: 0.0, between: 0.0)
            for (value, group) in zip(values, groups) {
                let center = means[group] ?? mean
                found.within += (value - center) * (value - center)
                found.between += (center - mean) * (center - mean)
            }
            return found
        }
        let total = squares(outcomes)
        let open = squares(zip(outcomes, predictions).map { $0 - $1 })
        inside = (total.within, open.within)
        between = (total.between, open.between)
    }

    /// Of all the variance: 1 where predictions leave nothing open, 0 where a constant would do as well, or where there is none.
    public var whole: Double {
        Self.explained(total: inside.total + between.total, open: inside.open + between.open)
    }

    /// Of the variance within groups: 0 where a constant for each group would do as well, or where there is none.
    public var within: Double {
        Self.explained(total: inside.total, open: inside.open)
    }

    private static func explained(total: Double, open: Double) -> Double {
        total > 0 ? 1 - open / total : 0
    }
}
