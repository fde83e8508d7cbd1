import Synchronization

/// Rewards as they come in.
final class RewardList: Sendable {
    private let rewards: Mutex<[Double]>

    init(count: Int) {
        rewards = Mutex([Double](repeating: 0, count: count))
    }

    var values: [Double] {
        rewards.withLock { $0 }
    }

    func set(_ place: Int, _ reward: Double) {
        rewards.withLock { $0[place] = reward }
    }
}
