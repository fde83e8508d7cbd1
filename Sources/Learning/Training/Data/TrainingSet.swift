import Inference
import ModelFiles

/// Labelled rollouts of one or more folders, ready to train on. States stay in their files.
public struct TrainingSet: Sendable {
    /// What the first folder's rollouts were made with.
    public let manifest: RolloutManifest
    /// What every folder's rollouts were made with.
    let manifests: [(folder: String, manifest: RolloutManifest)]
    /// Who gave the rewards.
    public let rewardSource: String
    /// The SHA-256 of what was run and of all rewards.
    let fingerprint: String
    let sequences: [TrainingSequence]

    /// Opens folders of rollouts.
    ///
    /// - Parameter folders: at least one, all of one model, each labelled whole.
    /// - Throws: ``RolloutError``, ``RewardError``, or ``TrainingError/badData(_:)``.
    public init(folders: [RolloutFolder]) throws {
        guard let first = folders.first else { throw TrainingError.badData("there is no folder of rollouts; name one") }
        manifest = try first.manifest()
        var sequences: [TrainingSequence] = []
        var manifests: [(folder: String, manifest: RolloutManifest)] = []
        var sources: [String] = []
        var groups = PromptGroups()
        let hasher = try SHA256Hasher(of: "rollouts")
        for folder in folders {
            let found = try folder.manifest()
            guard found.modelSHA256 == manifest.modelSHA256, found.hiddenSize == manifest.hiddenSize else {
                throw TrainingError.badData("\(folder.path) has the states of another model than \(first.path); train on them apart")
            }
            guard found.site == manifest.site else {
                throw TrainingError.badData(
                    "\(folder.path) has the states of the site \(found.site), \(first.path) those of \(manifest.site); train on them apart"
                )
            }
            manifests.append((folder.path, found))
            let (source, rewards) = try Labeler.rewards(path: folder.rewardsPath)
            if !sources.contains(source) { sources.append(source) }
            try JSONLines.line(found).withUnsafeBytes { hasher.update($0) }
            (Array(source.utf8) + [0]).withUnsafeBytes { hasher.update($0) }
            rewards.withUnsafeBytes { hasher.update($0) }
            sequences += try Self.sequences(folder, manifest: found, rewards: rewards, groups: &groups)
        }
        guard !sequences.isEmpty else {
            throw TrainingError.badData("\(first.path) holds no answer with a state; sample more prompts with `rudder rollouts`")
        }
        self.sequences = sequences
        self.manifests = manifests
        fingerprint = try hasher.finish().hex
        rewardSource = sources.joined(separator: ", ")
    }

    private static func sequences(
        _ folder: RolloutFolder,
        manifest: RolloutManifest,
        rewards: [Double],
        groups: inout PromptGroups
    ) throws -> [TrainingSequence] {
        let shards = StateShards(folder: folder, hiddenSize: manifest.hiddenSize)
        var (sequences, count) = ([TrainingSequence](), 0)
        try folder.forEachRollout { rollout throws(RolloutError) in
            count += 1
            guard rollout.index < rewards.count, !rollout.tokens.isEmpty else { return }
            let (shard, rows) = try shards.states(of: rollout)
            sequences.append(
                TrainingSequence(
                    group: groups.number(of: rollout.prompt),
                    shard: shard,
                    rows: rows,
                    tokens: rollout.tokens,
                    temperature: manifest.options.temperature,
                    reward: Float(rewards[rollout.index])
                )
            )
        }
        guard count <= rewards.count else {
            throw TrainingError.badData("\(folder.path) has \(count) rollouts but \(rewards.count) rewards; `rudder label` adds the others")
        }
        return sequences
    }

    /// Splits the sequences by prompt.
    ///
    /// - Parameters:
    ///   - fraction: which part of the prompts is for validation.
    ///   - seed: which of them.
    func split(validation fraction: Double, seed: UInt64) -> (training: [TrainingSequence], validation: [TrainingSequence]) {
        PromptGroups.split(sequences, by: \.group, validation: fraction, seed: seed)
    }
}
