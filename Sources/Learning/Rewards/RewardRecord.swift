/// A line of a file of rewards.
struct RewardRecord: Codable {
    /// Which rollout, from 0.
    let index: Int
    /// Its reward.
    let reward: Double
}
