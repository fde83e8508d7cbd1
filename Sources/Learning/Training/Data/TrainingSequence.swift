/// The states of one answer, its tokens, and its reward.
struct TrainingSequence {
    /// The number of its prompt.
    let group: Int
    /// Where the states are.
    let shard: StateShard
    /// Which rows, at least one.
    let rows: Range<Int>
    /// The token that was sampled at each state.
    let tokens: [Int32]
    /// The temperature at which they were.
    let temperature: Float
    /// The answer's reward.
    var reward: Float

    /// The same states with another reward.
    func with(reward: Float) -> TrainingSequence {
        var other = self
        other.reward = reward
        return other
    }
}
