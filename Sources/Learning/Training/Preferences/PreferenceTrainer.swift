import Compute
import Foundation
import Inference

/// Trains a reward head on pairs of answers.
public struct PreferenceTrainer: Sendable {
    private let folder: RolloutFolder
    private let options: TrainingOptions
    private let threads: Int
    private let checkpointPath: String?

    /// Makes a trainer.
    ///
    /// - Parameters:
    ///   - folder: what ``PreferenceStates`` made.
    ///   - options: how to train; `target` and `lambda` say nothing here.
    ///   - threads: how many compute.
    ///   - checkpointPath: a file for the state after each epoch; nil for none.
    public init(folder: RolloutFolder, options: TrainingOptions, threads: Int, checkpointPath: String? = nil) {
        self.folder = folder
        self.options = options
        self.threads = threads
        self.checkpointPath = checkpointPath
    }

    /// Trains. Blocks for its whole time: not for the cooperative pool. The head's values have mean 0 and deviation 1 over the training answers: a
    /// reward that is only known up to its place and, more or less, its scale.
    ///
    /// - Parameters:
    ///   - isCancelled: asked often; once it says so, `CancellationError` is thrown.
    ///   - progress: told of mini-batches done, and of how many at most.
    ///   - report: told of each epoch.
    /// - Throws: ``TrainingError``, ``RolloutError``, `CancellationError`.
    public func run(
        isCancelled: () -> Bool = { false },
        progress: (_ done: Int, _ total: Int) -> Void = { _, _ in },
        report: (EpochReport) -> Void = { _ in }
    ) throws -> TrainingResult {
        guard !options.correctsAdvantages else { throw TrainingError.badOption("advantages", expected: "off for preferences") }
        let manifest = try folder.manifest()
        let pairs = try pairs(hiddenSize: manifest.hiddenSize)
        let (learned, held) = PromptGroups.split(pairs, by: \.group, validation: options.validation, seed: options.seed)
        let team = ThreadTeam(threads: threads)
        defer { team.stop() }
        let identity =
            "\(manifest.modelSHA256) \(manifest.site) \(manifest.promptsSHA256) "
            + String(decoding: try JSONLines.line(options), as: UTF8.self)
        let training = PreferenceObjective(pairs: learned)
        let loop = try TrainingLoop(
            width: manifest.hiddenSize,
            options: options,
            training: training,
            validation: PreferenceObjective(pairs: held),
            team: team,
            checkpoint: checkpointPath.map { TrainingCheckpoint(path: $0, identity: identity) }
        )
        let outcome = try loop.run(isCancelled: isCancelled, progress: progress, report: report)
        let values = try loop.bestValues().flatMap { $0.map(Double.init) }
        var metadata = [
            "model": manifest.model, "model_sha256": manifest.modelSHA256, "site": manifest.site, "target": "preferences",
            "reward": "preferences", "training_pairs": "\(training.pairs.count)", "epochs": "\(outcome.bestEpoch)",
        ]
        let best = outcome.reports[outcome.bestEpoch - 1]
        for (name, value) in best.measures { metadata[name] = String(format: "%.4f", value) }
        return TrainingResult(
            head: outcome.head.normalized(mean: Statistics.mean(values), deviation: Statistics.variance(values).squareRoot()),
            metadata: metadata,
            options: options,
            reports: outcome.reports,
            bestEpoch: outcome.bestEpoch
        )
    }

    /// The pairs of the folder, whose rollouts are chosen and rejected answers in turn.
    private func pairs(hiddenSize: Int) throws -> [PreferenceObjective.Pair] {
        let shards = StateShards(folder: folder, hiddenSize: hiddenSize)
        var (groups, pairs) = (PromptGroups(), [PreferenceObjective.Pair]())
        var chosen: (shard: StateShard, row: Int)?
        try folder.forEachRollout { rollout throws(RolloutError) in
            let (shard, rows) = try shards.states(of: rollout)
            guard let row = rows.last else {
                throw .badShard(path: folder.shardPath(rollout.shard), reason: "has no state of rollout \(rollout.index)")
            }
            if let first = chosen {
                pairs.append(.init(group: groups.number(of: rollout.prompt), chosen: first, rejected: (shard, row)))
                chosen = nil
            } else {
                chosen = (shard, row)
            }
        }
        return pairs
    }
}
