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
        Self.add(other.fisher, to: &fisher)
        Self.add(other.advantages, to: &advantages)
        Self.add(other.slopes, to: &slopes)
        Self.add(other.states, to: &states)
        slopeAdvantage += other.slopeAdvantage
        slopeSquare += other.slopeSquare
        advantageSquare += other.advantageSquare
    }

    private static func add(_ addends: [Double], to sums: inout [Double]) {
        for index in sums.indices { sums[index] += addends[index] }
    }

    /// γ, by which j foretells A with the least square error; 1 at least. L2 has made V flat, and the reward's noise has made it flatter.
    package var scale: Double {
        slopeSquare > 0 ? max(slopeAdvantage / slopeSquare, 1) : 1
    }

    /// Whether all numbers are finite, and the count is none of less than nothing.
    var isSound: Bool {
        scalars.allSatisfy(\.isFinite) && count >= 0 && Self.vectors.allSatisfy { self[keyPath: $0.path].allSatisfy(\.isFinite) }
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
