import Compute

/// Fits V of every state of an answer to its target, by the square of the difference: RE-Control's equation 5 where the target is `td`.
package struct ValueObjective: TrainingObjective {
    let sequences: [TrainingSequence]
    let target: ValueTarget
    let lambda: Float

    var itemCount: Int { sequences.count }

    func stateCount(_ item: Int) -> Int {
        sequences[item].rows.count
    }

    func load(_ item: Int, into matrix: FloatMatrix, at row: Int) throws {
        try sequences[item].shard.copy(sequences[item].rows, to: matrix, at: row)
    }

    func loss(_ item: Int, values: ArraySlice<Float>) -> (loss: Double, terms: Int, derivatives: [Float]) {
        Self.loss(values: values, targets: target.targets(values: values, reward: sequences[item].reward, lambda: lambda))
    }

    /// The squares of the differences from targets, summed, and the derivative by each value.
    package static func loss(values: ArraySlice<Float>, targets: [Float]) -> (loss: Double, terms: Int, derivatives: [Float]) {
        var (loss, derivatives) = (0.0, [Float]())
        derivatives.reserveCapacity(values.count)
        for (value, target) in zip(values, targets) {
            let difference = value - target
            loss += Double(difference) * Double(difference)
            derivatives.append(2 * difference)
        }
        return (loss, values.count, derivatives)
    }

    func measures(values: [[Float]]) -> TrainingMeasures {
        let rewards = sequences.map { Double($0.reward) }
        var (predictions, outcomes) = ([Double](), [Double]())
        for (row, reward) in zip(values, rewards) {
            predictions += row.map(Double.init)
            outcomes += Array(repeating: reward, count: row.count)
        }
        let explained = Statistics.explainedVariance(of: outcomes, by: predictions)
        var measures = [("explained_variance", explained)]
        for percent in [25, 50, 75, 100] {
            let there = values.map { Double($0[min((percent * $0.count + 99) / 100, $0.count) - 1]) }
            measures.append(("spearman_\(percent)", Statistics.spearman(there, rewards)))
        }
        return TrainingMeasures(score: explained, values: measures)
    }
}
