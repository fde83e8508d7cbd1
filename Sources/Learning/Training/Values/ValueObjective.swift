import Compute

/// Fits V of every state of an answer to its target, by the square of the difference: RE-Control's equation 5 where the target is `td`. An item is a
/// prompt with all its answers, for of what V says too much or too little of one prompt's answers alike, only a part may count.
package struct ValueObjective: TrainingObjective {
    /// The answers, prompt by prompt.
    let prompts: [[TrainingSequence]]
    let target: ValueTarget
    let lambda: Float
    let promptWeight: Float

    /// Groups answers by their prompts, in the order in which those come first.
    ///
    /// - Parameters:
    ///   - sequences: the answers.
    ///   - options: how to train.
    init(sequences: [TrainingSequence], options: TrainingOptions) {
        var places: [String: Int] = [:]
        var prompts: [[TrainingSequence]] = []
        for sequence in sequences {
            if let place = places[sequence.group] {
                prompts[place].append(sequence)
            } else {
                places[sequence.group] = prompts.count
                prompts.append([sequence])
            }
        }
        self.prompts = prompts
        (target, lambda, promptWeight) = (options.target, options.lambda, options.promptWeight)
    }

    var itemCount: Int { prompts.count }

    func stateCount(_ item: Int) -> Int {
        prompts[item].reduce(0) { $0 + $1.rows.count }
    }

    func load(_ item: Int, into matrix: FloatMatrix, at row: Int) throws {
        var row = row
        for sequence in prompts[item] {
            try sequence.shard.copy(sequence.rows, to: matrix, at: row)
            row += sequence.rows.count
        }
    }

    func loss(_ item: Int, values: ArraySlice<Float>) -> (loss: Double, terms: Int, derivatives: [Float]) {
        var (targets, start) = ([Float](), values.startIndex)
        for sequence in prompts[item] {
            let end = start + sequence.rows.count
            targets += target.targets(values: values[start..<end], reward: sequence.reward, lambda: lambda)
            start = end
        }
        return Self.loss(values: values, targets: targets, promptWeight: promptWeight)
    }

    /// The squares of the differences from the targets of one prompt's states, summed: the squares of what differs from their mean difference, and
    /// `promptWeight` times that of the mean. With a weight of 1 this is the sum of the squares. And the derivative by each value.
    package static func loss(
        values: ArraySlice<Float>,
        targets: [Float],
        promptWeight: Float
    ) -> (loss: Double, terms: Int, derivatives: [Float]) {
        let differences = zip(values, targets).map { $0 - $1 }
        let mean = differences.reduce(0, +) / Float(max(differences.count, 1))
        var loss = Double(promptWeight) * Double(mean) * Double(mean) * Double(differences.count)
        for difference in differences { loss += Double(difference - mean) * Double(difference - mean) }
        return (loss, differences.count, differences.map { 2 * ($0 - (1 - promptWeight) * mean) })
    }

    func measures(values: [[Float]]) -> TrainingMeasures {
        var (predictions, outcomes, places) = ([Double](), [Double](), [Int]())
        var (rewards, courses) = ([Double](), [ArraySlice<Float>]())
        for (item, values) in values.enumerated() {
            var start = 0
            for sequence in prompts[item] {
                let course = values[start..<start + sequence.rows.count]
                start = course.endIndex
                courses.append(course)
                rewards.append(Double(sequence.reward))
                predictions += course.map(Double.init)
                outcomes += Array(repeating: Double(sequence.reward), count: course.count)
                places += Array(repeating: item, count: course.count)
            }
        }
        let explained = ExplainedVariance(outcomes: outcomes, predictions: predictions, groups: places)
        var measures = [("explained_variance", explained.whole), ("explained_variance_within", explained.within)]
        for percent in [25, 50, 75, 100] {
            let there = courses.map { Double($0[$0.startIndex + min((percent * $0.count + 99) / 100, $0.count) - 1]) }
            measures.append(("spearman_\(percent)", Statistics.spearman(there, rewards)))
        }
        return TrainingMeasures(score: explained.weighted(between: Double(promptWeight)), values: measures)
    }
}
