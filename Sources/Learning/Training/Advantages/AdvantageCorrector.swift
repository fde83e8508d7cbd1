import Compute
import Control
import Foundation
import ModelFiles

/// Turns the gradient of a trained value function toward what tokens are worth: by compatible function approximation (Sutton et al., NIPS 1999,
/// theorem 2) with the hidden state as the policy's parameters, which makes it near the natural policy gradient (Kakade, NIPS 2001).
///
/// RE-Control ascends V where V was fitted: at states that the model reached. What goes along with high rewards there also raises V's gradient, whether
/// or not a move along it makes better tokens likelier. Here the tokens that were sampled, and what came of them, say which moves do.
public struct AdvantageCorrector: Sendable {
    /// Answers are told apart into so many folds, by prompt, to choose the penalty.
    private static let foldCount = 5
    /// After so many batches what was summed up is kept.
    private static let batchesKept = 16
    /// Names what is summed up, and how: to be changed with it.
    private static let version = "advantages.1"
    private let set: TrainingSet
    private let threads: Int
    private let checkpointPath: String?

    /// Makes a corrector.
    ///
    /// - Parameters:
    ///   - set: the rollouts that the head was trained on.
    ///   - threads: how many compute.
    ///   - checkpointPath: a file for what is summed up, from which a run that was interrupted goes on; nil for none.
    /// - Throws: ``TrainingError/badData(_:)`` where the states or the sampling do not tell which moves make which tokens likelier.
    public init(set: TrainingSet, threads: Int, checkpointPath: String? = nil) throws(TrainingError) {
        for (folder, manifest) in set.manifests {
            guard manifest.site == HiddenStateSite.finalNorm.description else {
                throw .badData(
                    "advantages need states of the site final_norm, and \(folder) has those of \(manifest.site); "
                        + "leave --advantages out, or sample again with --site final_norm"
                )
            }
            let options = manifest.options
            guard options.temperature > 0, options.topP == 1 else {
                throw .badData(
                    "advantages need rollouts sampled at a temperature above 0 and with a top-p of 1, for others leave tokens out, "
                        + "and \(folder) was at a temperature of \(options.temperature) and a top-p of \(options.topP); "
                        + "leave --advantages out, or sample again with --temperature 1 --top-p 1"
                )
            }
        }
        self.set = set
        self.threads = threads
        self.checkpointPath = checkpointPath
    }

    /// Corrects a head. Blocks for its whole time: not for the cooperative pool.
    ///
    /// - Parameters:
    ///   - result: the head, trained on the same rollouts with ``TrainingOptions/correctsAdvantages``; its own validation prompts stay unseen.
    ///   - output: the model's output matrix, as `LanguageModel.outputMatrix()` gives it.
    ///   - isCancelled: asked often; once it says so, `CancellationError` is thrown.
    ///   - progress: told of answers done, and of how many there are.
    /// - Throws: ``TrainingError``, ``RolloutError``, `ModelFileError`, `CancellationError`.
    public func run(
        _ result: TrainingResult,
        output: FloatMatrix,
        isCancelled: () -> Bool = { false },
        progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) throws -> TrainingResult {
        let width = set.manifest.hiddenSize
        guard output.columns == width, result.head.shape.inputs == width else {
            throw TrainingError.badData("the rollouts' states have \(width) numbers, the model's \(output.columns); --model names theirs")
        }
        guard result.options.correctsAdvantages, result.correction == nil else {
            throw TrainingError.badData("the head was not trained to be corrected, or was corrected before; train it anew")
        }
        let (training, validation) = set.split(validation: result.options.validation, seed: result.options.seed)
        let team = ThreadTeam(threads: threads)
        defer { team.stop() }
        let sums = try sums(training, result: result, output: output, team: team, isCancelled: isCancelled, progress: progress)
        let fit = try AdvantageFit(folds: sums)
        let total = sums.reduce(into: AdvantageSums(width: width)) { $0.add($1) }
        let head = fit.ridge == nil ? result.head : result.head.adding(fit.correction, through: total.states.map { $0 / total.count })
        guard head.isFinite else {
            throw TrainingError.badData("the corrected head has numbers that are not finite; leave --advantages out")
        }
        let measures = try measures(of: head, on: validation, options: result.options, team: team)
        return result.corrected(head, fit: fit, measures: measures)
    }

    private func sums(
        _ sequences: [TrainingSequence],
        result: TrainingResult,
        output: FloatMatrix,
        team: ThreadTeam,
        isCancelled: () -> Bool,
        progress: (_ done: Int, _ total: Int) -> Void
    ) throws -> [AdvantageSums] {
        // A batch is of one fold.
        var places: [Int: Int] = [:]
        for sequence in sequences where places[sequence.group] == nil { places[sequence.group] = places.count % Self.foldCount }
        let folds = (0..<Self.foldCount).map { fold in sequences.filter { places[$0.group] == fold } }
        let batches = folds.enumerated().flatMap { fold, members in
            stride(from: 0, to: members.count, by: AdvantagePasses.batch).map {
                (fold: fold, members: members[$0..<min($0 + AdvantagePasses.batch, members.count)])
            }
        }
        let passes = AdvantagePasses(
            parameters: NetworkParameters(result.head),
            output: output,
            options: result.options,
            longest: sequences.map(\.rows.count).max() ?? 1,
            team: team
        )
        let checkpoint = try checkpointPath.map { AdvantageCheckpoint(path: $0, identity: try identity(result)) }
        let restored = checkpoint?.restore(count: Self.foldCount, width: output.columns, batches: batches.count)
        var sums = restored?.folds ?? [AdvantageSums](repeating: AdvantageSums(width: output.columns), count: Self.foldCount)
        var done = 0
        for (index, batch) in batches.enumerated() {
            if index >= restored?.done ?? 0 {
                if isCancelled() {
                    try checkpoint?.save(sums, done: index)
                    throw CancellationError()
                }
                sums[batch.fold].add(try passes.sums(batch.members))
                if (index + 1) % Self.batchesKept == 0 || index + 1 == batches.count { try checkpoint?.save(sums, done: index + 1) }
            }
            done += batch.members.count
            progress(done, sequences.count)
        }
        return sums
    }

    private func identity(_ result: TrainingResult) throws -> String {
        let digest = try SHA256Hasher(of: "head")
        try result.head.encoded(metadata: [:]).withUnsafeBytes { digest.update($0) }
        return
            "\(Self.version) \(set.fingerprint) \(String(decoding: try JSONLines.line(result.options), as: UTF8.self)) \(try digest.finish().hex)"
    }

    /// What the corrected V says of the validation prompts' states.
    private func measures(
        of head: TrainedHead,
        on validation: [TrainingSequence],
        options: TrainingOptions,
        team: ThreadTeam
    ) throws -> [(name: String, value: Double)] {
        let objective = ValueObjective(sequences: validation, target: options.target, lambda: options.lambda)
        let passes = TrainingPasses(objective: objective, parameters: NetworkParameters(head), team: team, batch: options.batch)
        let values = try passes.evaluate(scaling: InputScaling(width: head.shape.inputs), batch: options.batch).values
        return objective.measures(values: values).values
    }
}
