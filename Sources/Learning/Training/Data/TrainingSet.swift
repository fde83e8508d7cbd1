import Inference

/// Labelled rollouts of one or more folders, ready to train on. States stay in their files.
public struct TrainingSet: Sendable {
    /// What the first folder's rollouts were made with.
    public let manifest: RolloutManifest
    /// Who gave the rewards.
    public let rewardSource: String
    let sequences: [TrainingSequence]

    /// Opens folders of rollouts.
    ///
    /// - Parameter folders: at least one, all of one model, each labelled whole.
    /// - Throws: ``RolloutError``, ``RewardError``, or ``TrainingError/badData(_:)``.
    public init(folders: [RolloutFolder]) throws {
        guard let first = folders.first else { throw TrainingError.badData("there is no folder of rollouts") }
        manifest = try first.manifest()
        var sequences: [TrainingSequence] = []
        var sources: [String] = []
        for folder in folders {
            let found = try folder.manifest()
            guard found.modelSHA256 == manifest.modelSHA256, found.hiddenSize == manifest.hiddenSize else {
                throw TrainingError.badData("\(folder.path) has the states of another model than \(first.path)")
            }
            let (source, rewards) = try Labeler.rewards(path: folder.rewardsPath)
            if !sources.contains(source) { sources.append(source) }
            sequences += try Self.sequences(folder, hiddenSize: found.hiddenSize, rewards: rewards)
        }
        guard !sequences.isEmpty else { throw TrainingError.badData("\(first.path) holds no answer with a state") }
        self.sequences = sequences
        rewardSource = sources.joined(separator: ", ")
    }

    private static func sequences(_ folder: RolloutFolder, hiddenSize: Int, rewards: [Double]) throws -> [TrainingSequence] {
        var sequences: [TrainingSequence] = []
        var shards: [Int: StateShard] = [:]
        var rollouts: [Rollout] = []
        try folder.forEachRollout { rollouts.append($0) }
        guard rollouts.count <= rewards.count else {
            throw TrainingError.badData(
                "\(folder.path) has \(rollouts.count) rollouts but \(rewards.count) rewards; `rudder label` adds the others"
            )
        }
        for rollout in rollouts where !rollout.tokens.isEmpty {
            let path = folder.shardPath(rollout.shard)
            let shard = try shards[rollout.shard] ?? StateShard(path: path, hiddenSize: hiddenSize)
            shards[rollout.shard] = shard
            let (end, overflow) = rollout.row.addingReportingOverflow(rollout.tokens.count)
            guard rollout.row >= 0, !overflow, end <= shard.rowCount else {
                throw RolloutError.badShard(path: path, reason: "has \(shard.rowCount) states, rollout \(rollout.index) wants more")
            }
            sequences.append(
                TrainingSequence(
                    group: rollout.prompt.id,
                    shard: shard,
                    rows: rollout.row..<end,
                    reward: Float(rewards[rollout.index])
                )
            )
        }
        return sequences
    }

    /// Splits the sequences by prompt.
    ///
    /// - Parameters:
    ///   - fraction: which part of the prompts is for validation.
    ///   - seed: which of them.
    func split(validation fraction: Double, seed: UInt64) -> (training: [TrainingSequence], validation: [TrainingSequence]) {
        var groups: [String] = []
        var seen: Set<String> = []
        for sequence in sequences where seen.insert(sequence.group).inserted { groups.append(sequence.group) }
        var random = RandomSource(seed: seed)
        random.shuffle(&groups)
        let held = Set(groups.prefix(Int((Double(groups.count) * fraction).rounded())))
        return (sequences.filter { !held.contains($0.group) }, sequences.filter { held.contains($0.group) })
    }
}
