import Compute

/// Shifts and scales states so that a network learns well: x = (h - mean) * factor, number by number. Folded into the first layer afterwards,
/// V is a function of h again.
public struct InputScaling: Sendable {
    /// Which factors there are.
    public enum Kind: String, Sendable, Codable, CaseIterable {
        /// None: x = h.
        case none
        /// One for all numbers of a state: distances and gradients keep their directions.
        case uniform
        /// One for each number: all have the same spread.
        case each
    }

    let mean: [Float]
    let factor: [Float]

    /// x = h
    package init(width: Int) {
        self.init(mean: [Float](repeating: 0, count: width), factor: [Float](repeating: 1, count: width))
    }

    /// Measures states.
    ///
    /// - Parameters:
    ///   - kind: which factors.
    ///   - moments: what they are computed from.
    init(_ kind: Kind, _ moments: StateMoments) {
        let width = moments.sums.count
        guard kind != .none, moments.count > 1 else {
            self.init(width: width)
            return
        }
        let means = moments.sums.map { $0 / Double(moments.count) }
        let variances = zip(moments.squares, means).map { max($0 / Double(moments.count) - $1 * $1, 1e-12) }
        let overall = variances.reduce(0, +) / Double(width)
        self.init(
            mean: means.map { Float($0) },
            factor: variances.map { Float(1 / (kind == .each ? $0 : overall).squareRoot()) }
        )
    }

    private init(mean: [Float], factor: [Float]) {
        self.mean = mean
        self.factor = factor
    }

    /// Scales the first rows of states in place.
    func apply(_ states: FloatMatrix, rows: Int) {
        for row in 0..<rows {
            states.withMutableRow(row) { x in
                for column in 0..<x.count { x[column] = (x[column] - mean[column]) * factor[column] }
            }
        }
    }

    /// A first layer that does to h what the given one does to x.
    func folded(weight: [Float], bias: [Float]) -> (weight: [Float], bias: [Float]) {
        let width = mean.count
        var (weight, bias) = (weight, bias)
        for unit in bias.indices {
            var shift = 0.0
            for column in 0..<width {
                let place = unit * width + column
                weight[place] *= factor[column]
                shift += Double(weight[place]) * Double(mean[column])
            }
            bias[unit] -= Float(shift)
        }
        return (weight, bias)
    }
}
