import Inference

/// The shards of a folder, each mapped when it is first asked for.
final class StateShards {
    private let folder: RolloutFolder
    private let hiddenSize: Int
    private var mapped: [Int: StateShard] = [:]

    init(folder: RolloutFolder, hiddenSize: Int) {
        self.folder = folder
        self.hiddenSize = hiddenSize
    }

    /// Where the states of a rollout are.
    ///
    /// - Throws: ``RolloutError`` where they are not there.
    func states(of rollout: Rollout) throws(RolloutError) -> (shard: StateShard, rows: Range<Int>) {
        let path = folder.shardPath(rollout.shard)
        let shard = try shard(rollout.shard, path: path)
        let (end, overflow) = rollout.row.addingReportingOverflow(rollout.tokens.count)
        guard rollout.row >= 0, !overflow, end <= shard.rowCount else {
            throw .badShard(path: path, reason: "has \(shard.rowCount) states, rollout \(rollout.index) wants more")
        }
        return (shard, rollout.row..<end)
    }

    private func shard(_ number: Int, path: String) throws(RolloutError) -> StateShard {
        if let shard = mapped[number] { return shard }
        let shard = try StateShard(path: path, hiddenSize: hiddenSize)
        mapped[number] = shard
        return shard
    }
}
