import Compute
import Foundation

/// Fits rewards r so that σ(r(chosen) - r(rejected)) is the probability of the choice that was made (Bradley and Terry, 1952; Ouyang et al.,
/// arXiv:2203.02155, equation 1).
package struct PreferenceObjective: TrainingObjective {
    /// One pair's states: where they are, the chosen answer's first.
    struct Pair {
        /// The number of its prompt.
        let group: Int
        let chosen: (shard: StateShard, row: Int)
        let rejected: (shard: StateShard, row: Int)
    }

    let pairs: [Pair]

    var itemCount: Int { pairs.count }

    func stateCount(_ item: Int) -> Int {
        2
    }

    func load(_ item: Int, into matrix: FloatMatrix, at row: Int) throws {
        for (place, state) in [pairs[item].chosen, pairs[item].rejected].enumerated() {
            try state.shard.copy(state.row..<state.row + 1, to: matrix, at: row + place)
        }
    }

    func loss(_ item: Int, values: ArraySlice<Float>) -> (loss: Double, terms: Int, derivatives: [Float]) {
        Self.loss(values: values)
    }

    /// -log σ of the chosen answer's value less the other's, and the derivative by each of the two.
    package static func loss(values: ArraySlice<Float>) -> (loss: Double, terms: Int, derivatives: [Float]) {
        let margin = Double(values[values.startIndex]) - Double(values[values.startIndex + 1])
        // -log σ(m), without overflow.
        let loss = max(-margin, 0) + log1p(exp(-abs(margin)))
        let pull = Float(1 / (1 + exp(margin)))
        return (loss, 1, [-pull, pull])
    }

    func measures(values: [[Float]]) -> TrainingMeasures {
        let losses = values.enumerated().map { loss($0, values: $1[...]).loss }
        let right = values.count { $0[0] > $0[1] }
        return TrainingMeasures(
            score: -Statistics.mean(losses),
            values: [("accuracy", values.isEmpty ? 0 : Double(right) / Double(values.count))]
        )
    }
}
