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
        var (predictions, outcomes, groups) = ([Double](), [Double](), [Int]())
        for (row, sequence) in zip(values, sequences) {
            predictions += row.map(Double.init)
            outcomes += Array(repeating: Double(sequence.reward), count: row.count)
            groups += Array(repeating: sequence.group, count: row.count)
        }
        let explained = ExplainedVariance(outcomes: outcomes, predictions: predictions, groups: groups)
        // Within prompts: what tells better answers to the same prompt from worse ones, which is all that control can change.
        var measures = [("explained_variance", explained.whole), ("explained_variance_within", explained.within)]
        for percent in [25, 50, 75, 100] {
            let there = values.map { Double($0[min((percent * $0.count + 99) / 100, $0.count) - 1]) }
            measures.append(("spearman_\(percent)", Statistics.spearman(there, rewards)))
        }
        return TrainingMeasures(score: explained.whole, values: measures)
    }
}
