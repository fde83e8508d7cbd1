/// What several runs of one measurement gave.
package struct Samples: Sendable {
    private var sorted: [Double] = []

    package init(_ values: [Double] = []) {
        sorted = values.sorted()
    }

    /// How many there are.
    package var count: Int { sorted.count }

    /// The smallest; 0 of none.
    package var low: Double { sorted.first ?? 0 }

    /// The largest; 0 of none.
    package var high: Double { sorted.last ?? 0 }

    /// The middle one, or the mean of the two in the middle; 0 of none.
    package var median: Double {
        guard let high = sorted.dropFirst(sorted.count / 2).first else { return 0 }
        return sorted.count.isMultiple(of: 2) ? (sorted[sorted.count / 2 - 1] + high) / 2 : high
    }

    /// The smallest one that at least that fraction of all do not exceed; nil of none.
    package func percentile(_ fraction: Double) -> Double? {
        guard !sorted.isEmpty else { return nil }
        let rank = (fraction * Double(sorted.count)).rounded(.up)
        return sorted[min(max(Int(rank) - 1, 0), sorted.count - 1)]
    }
}
