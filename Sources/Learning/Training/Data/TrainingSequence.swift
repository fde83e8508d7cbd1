/// The states of one answer, and its reward.
struct TrainingSequence {
    /// The number of its prompt.
    let group: Int
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
