import Compute
import Foundation

/// Trains a value function on labelled rollouts (RE-Control, arXiv:2406.05954, section 4.2).
public struct ValueTrainer: Sendable {
    private let set: TrainingSet
    private let options: TrainingOptions
    private let threads: Int
    private let checkpointPath: String?

    /// Makes a trainer.
    ///
    /// - Parameters:
    ///   - set: the rollouts.
    ///   - options: how to train.
    ///   - threads: how many compute.
    ///   - checkpointPath: a file for the state after each epoch, from which a run that was interrupted goes on; nil for none.
    public init(set: TrainingSet, options: TrainingOptions, threads: Int, checkpointPath: String? = nil) {
        self.set = set
        self.options = options
        self.threads = threads
        self.checkpointPath = checkpointPath
    }

    /// Trains. Blocks for its whole time: not for the cooperative pool.
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
        let (training, validation) = set.split(validation: options.validation, seed: options.seed)
        // Of rewards of deviation 1, so that one weight decay fits rewards of any size; the head is scaled back.
        let rewards = training.map { Double($0.reward) }
        let mean = Statistics.mean(rewards)
        let deviation = Statistics.variance(rewards).squareRoot()
        guard deviation.isFinite else { throw TrainingError.badData("the rewards are too large to train on; scale them") }
        guard deviation > 0 else {
            throw TrainingError.badData("all answers have the same reward; label with a reward that tells answers apart")
        }
        let scaled = { (sequences: [TrainingSequence]) in
            sequences.map { $0.with(reward: Float((Double($0.reward) - mean) / deviation)) }
        }
        guard Set(validation.map(\.reward)).count > 1 else {
            throw TrainingError.badData(
                "the held-out answers all have the same reward, so nothing can be judged by them; raise --validation, or choose others with another --seed"
            )
        }
        let team = ThreadTeam(threads: threads)
        defer { team.stop() }
        let objective = { ValueObjective(sequences: scaled($0), target: options.target, lambda: options.lambda) }
        let checkpoint = try checkpointPath.map { try TrainingCheckpoint(path: $0, identity: identity()) }
        let loop = try TrainingLoop(
            width: set.manifest.hiddenSize,
            options: options,
            training: objective(training),
            validation: objective(validation),
            team: team,
            checkpoint: checkpoint
        )
        let outcome = try loop.run(isCancelled: isCancelled, progress: progress, report: report)
        return TrainingResult(
            head: outcome.head.normalized(mean: -mean / deviation, deviation: 1 / deviation),
            metadata: metadata(outcome, states: training.reduce(0) { $0 + $1.rows.count }, answers: training.count),
            options: options,
            reports: outcome.reports,
            bestEpoch: outcome.bestEpoch
        )
    }

    private func identity() throws -> String {
        let options = String(decoding: try JSONLines.line(options), as: UTF8.self)
        return "\(set.fingerprint) \(options)"
    }

    private func metadata(_ outcome: TrainingLoop.Outcome, states: Int, answers: Int) -> [String: String] {
        var metadata = [
            "model": set.manifest.model, "model_sha256": set.manifest.modelSHA256, "site": set.manifest.site,
            "reward": set.rewardSource, "target": options.target.rawValue, "training_answers": "\(answers)", "training_states": "\(states)",
            "epochs": "\(outcome.bestEpoch)",
        ]
        if options.target == .temporalDifferenceLambda { metadata["lambda"] = "\(options.lambda)" }
        for (name, value) in outcome.reports[outcome.bestEpoch - 1].measures { metadata[name] = String(format: "%.4f", value) }
        return metadata
    }
}
