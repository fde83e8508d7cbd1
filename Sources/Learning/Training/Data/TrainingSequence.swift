/// The states of one answer, and its reward.
struct TrainingSequence {
    /// The prompt; answers to one prompt stay on one side of the validation split.
    let group: String
    /// Where the states are.
    let shard: StateShard
    /// Which rows, at least one.
    let rows: Range<Int>
    /// The answer's reward.
    let reward: Float

    /// The same states with another reward.
    func with(reward: Float) -> TrainingSequence {
        TrainingSequence(group: group, shard: shard, rows: rows, reward: reward)
    }
}
