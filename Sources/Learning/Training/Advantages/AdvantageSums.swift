/// Sums over the tokens of some answers, of which everything that an ``AdvantageFit`` needs can be computed.
///
/// For each token: s, its score (``TokenScores``); A, its advantage: the target of the state's value less that value; and j = ∇V(h) · s.
package struct AdvantageSums: Equatable {
    /// How many tokens there are.
    package var count = 0.0
    /// Σ s sᵀ, row after row: Fisher's information of the tokens about the state, times the count.
    package var fisher: [Double]
    /// Σ A s
    package var advantages: [Double]
    /// Σ j s
    package var slopes: [Double]
    /// Σ h
    package var states: [Double]
    /// Σ j A
    package var slopeAdvantage = 0.0
    /// Σ j²
    package var slopeSquare = 0.0
    /// Σ A²
    package var advantageSquare = 0.0

    /// Of no token.
    ///
    /// - Parameter width: D, the states' width.
    package init(width: Int) {
        fisher = [Double](repeating: 0, count: width * width)
        advantages = [Double](repeating: 0, count: width)
        slopes = advantages
        states = advantages
    }

    /// Takes in others.
    package mutating func add(_ other: AdvantageSums) {
        count += other.count
        for (path, _) in Self.vectors {
            for index in self[keyPath: path].indices { self[keyPath: path][index] += other[keyPath: path][index] }
        }
        slopeAdvantage += other.slopeAdvantage
        slopeSquare += other.slopeSquare
        advantageSquare += other.advantageSquare
    }

    /// Every vector, by its name in a file.
    package static var vectors: [(path: WritableKeyPath<AdvantageSums, [Double]>, name: String)] {
        [(\.fisher, "fisher"), (\.advantages, "advantages"), (\.slopes, "slopes"), (\.states, "states")]
    }

    /// All single numbers.
    package var scalars: [Double] {
        get { [count, slopeAdvantage, slopeSquare, advantageSquare] }
        set {
            precondition(newValue.count == 4, "four numbers")
            (count, slopeAdvantage, slopeSquare, advantageSquare) = (newValue[0], newValue[1], newValue[2], newValue[3])
        }
    }
}
