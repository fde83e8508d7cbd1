import ArgumentParser
import Control
import Foundation
import Inference
import Learning
import Transformer

/// `rudder train`.
struct Train: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Train a value function, or a reward head.",
        discussion: """
            A value function learns from labelled rollouts, a reward head from preferences. Writes NAME.safetensors (F16, with full \
            metadata), training.json and training.svg. The same command goes on where an interrupted one was: after its last whole epoch, \
            and with --advantages after the answers that were summed up.
            """
    )

    @Argument(help: ArgumentHelp("Folders of labelled rollouts.", valueName: "dir"), completion: .directory)
    var folders: [String] = []

    @Option(
        help: ArgumentHelp("Pairs of answers in HH-RLHF's format: train a Bradley-Terry reward head instead.", valueName: "file"),
        completion: .file()
    )
    var preferences: String?

    @Option(help: ArgumentHelp("Where the head goes.", valueName: "dir"), completion: .directory)
    var out: String

    @Option(help: "What the head is called (default: the folder's name).")
    var name: String?

    @Option(help: ArgumentHelp("What values are fitted to.", valueName: "td|td-lambda|monte-carlo"))
    var target = ValueTarget.temporalDifferenceLambda

    @Option(help: "λ of td-lambda, 0 to 1.")
    var lambda: Float = 0.95

    @Option(help: "Units of each hidden layer.")
    var hidden = TrainingOptions().hidden

    @Option(help: "Weight matrices: 2, or 3 for two hidden layers.")
    var layers = 2

    @Option(help: "Highest learning rate.")
    var learningRate = TrainingOptions().learningRate

    @Option(help: "Weight decay: half of it times the squares of all weights is added to the loss.")
    var weightDecay = TrainingOptions().weightDecay

    @Option(help: "Most passes over the data.")
    var epochs = TrainingOptions().epochs

    @Option(help: "Epochs without a better validation result after which training ends.")
    var patience = TrainingOptions().patience

    @Option(help: "Answers, or pairs, in a mini-batch.")
    var batch = TrainingOptions().batch

    @Option(help: "Part of the prompts that is held out to validate.")
    var validation = TrainingOptions().validation

    @Option(help: ArgumentHelp("How states are scaled while training.", valueName: "none|uniform|each"))
    var scaling = TrainingOptions().scaling

    @Flag(
        help: """
            Afterwards turn V's gradient toward what the sampled tokens turned out to be worth, near the natural policy gradient. Needs the model.
            """
    )
    var advantages = false

    @Option(help: "Seed of everything random.")
    var seed: UInt64 = 0

    @Flag(help: "With --preferences: dialogues without the model's chat template.")
    var raw = false

    @Option(
        help: ArgumentHelp("With --preferences: where states are taken. Folders of rollouts have theirs.", valueName: "final_norm|layer.N")
    )
    var site: HiddenStateSite?

    @OptionGroup var options: LearningOptions

    func validate() throws {
        if folders.isEmpty == (preferences == nil) {
            throw ValidationError("name either folders of labelled rollouts, or --preferences")
        }
        if site != nil, preferences == nil { throw ValidationError("--site is for --preferences; folders of rollouts have their site") }
        if advantages, preferences != nil { throw ValidationError("--advantages is for folders of rollouts, not for --preferences") }
    }

    private var trainingOptions: TrainingOptions {
        var training = TrainingOptions()
        training.target = target
        training.lambda = lambda
        training.hidden = hidden
        training.layers = layers
        training.learningRate = learningRate
        training.weightDecay = weightDecay
        training.epochs = epochs
        training.patience = patience
        training.batch = batch
        training.validation = validation
        training.scaling = scaling
        training.correctsAdvantages = advantages
        training.seed = seed
        return training
    }

    func run() async throws {
        let training = trainingOptions
        try training.validate()
        let threads =
            try await options.configuration.load(flags: options.configuration.flags, models: []).threads
            ?? ProcessInfo.processInfo.activeProcessorCount
        try OutputFolder.make(out)
        if preferences != nil { try await readPairs() }
        let checkpoint = "\(out)/training.partial"
        // All that it needs is there, before the minutes that training takes.
        let correction = advantages ? try await advantageCorrection(threads: threads) : nil
        let bar = ProgressBar("train", unit: "batches")
        defer { bar.clear() }
        let report: @Sendable (EpochReport) -> Void = { epoch in
            bar.clear()
            StandardOutput.write(Self.line(epoch))
        }
        let (folders, states, isPreference) = (folders, statesFolder, preferences != nil)
        var result = try await Interruptible.run {
            let flag = CancellationFlag()
            return try await withTaskCancellationHandler {
                try await OffPool.run {
                    let progress = { (done: Int, total: Int) in bar.update(done, of: total) }
                    if isPreference {
                        return try PreferenceTrainer(folder: states, options: training, threads: threads, checkpointPath: checkpoint)
                            .run(isCancelled: { flag.isSet }, progress: progress, report: report)
                    }
                    let set = try TrainingSet(folders: folders.map { RolloutFolder(path: $0) })
                    return try ValueTrainer(set: set, options: training, threads: threads, checkpointPath: checkpoint)
                        .run(isCancelled: { flag.isSet }, progress: progress, report: report)
                }
            } onCancel: {
                flag.set()
            }
        }
        bar.clear()
        if let correction { result = try await corrected(result, correction) }
        let name = name ?? URL(fileURLWithPath: out).lastPathComponent
        try result.write(folder: out, name: name)
        for path in [checkpoint, sumsPath] { try? FileManager.default.removeItem(atPath: path) }
        StandardOutput.write("\(out)/\(name).safetensors: the parameters of epoch \(result.bestEpoch)\n")
    }

    /// What was summed up of advantages, until the head is written.
    private var sumsPath: String {
        "\(out)/advantages.partial"
    }

    /// What corrects heads that are trained on the folders, and the model that they are of.
    private func advantageCorrection(threads: Int) async throws -> (corrector: AdvantageCorrector, model: LanguageModel) {
        let (model, sha256) = try await options.loadedModel()
        let set = try TrainingSet(folders: folders.map { RolloutFolder(path: $0) })
        guard set.manifest.modelSHA256 == sha256 else {
            throw CommandError("the rollouts are of another model than \(model.path); --model names theirs")
        }
        return (try AdvantageCorrector(set: set, threads: threads, checkpointPath: sumsPath), model.languageModel)
    }

    /// The head with its gradient corrected.
    private func corrected(
        _ result: TrainingResult,
        _ correction: (corrector: AdvantageCorrector, model: LanguageModel)
    ) async throws -> TrainingResult {
        let (corrector, model) = correction
        let bar = ProgressBar("advantages", unit: "answers")
        defer { bar.clear() }
        let corrected = try await Interruptible.run {
            let flag = CancellationFlag()
            return try await withTaskCancellationHandler {
                try await OffPool.run {
                    try corrector.run(result, output: model.outputMatrix(), isCancelled: { flag.isSet }) { bar.update($0, of: $1) }
                }
            } onCancel: {
                flag.set()
            }
        }
        bar.clear()
        let metadata = corrected.metadata
        let outcome =
            metadata["advantage_ridge"] == "none" ? "no correction is better than none" : "gain \(metadata["advantage_gain"] ?? "")"
        StandardOutput.write(
            "advantages: \(outcome), where V alone has \(metadata["advantage_gain_before"] ?? ""); "
                + "explained variance now \(metadata["explained_variance"] ?? "")\n"
        )
        return corrected
    }

    private var statesFolder: RolloutFolder {
        RolloutFolder(path: "\(out)/states")
    }

    /// Has the model read the pairs of answers.
    private func readPairs() async throws {
        let file = try PreferenceFile(path: preferences ?? "")
        let session = try await options.session()
        defer { session.stop() }
        if file.skipped > 0 { StandardError.write("\(file.skipped) lines hold no pair of answers to one prompt, and are left out\n") }
        let bar = ProgressBar("read", unit: "answers")
        defer { bar.clear() }
        let (states, isRaw, site) = (statesFolder, raw, site ?? .finalNorm)
        let leftOut = try await Interruptible.run {
            try await PreferenceStates(generator: session.generator, isRaw: isRaw, site: site)
                .collect(into: states, pairs: file.pairs, modelSHA256: session.modelSHA256) { done, total, _ in bar.update(done, of: total)
                }
        }
        bar.clear()
        if leftOut > 0 { StandardError.write("\(leftOut) pairs are longer than the model's context, and are left out\n") }
    }

    private static func line(_ epoch: EpochReport) -> String {
        var line = "epoch \(epoch.epoch): training loss \(epoch.trainingLoss.formatted(digits: 4))"
        line += ", validation loss \(epoch.validationLoss.formatted(digits: 4))"
        for (key, name) in [
            ("explained_variance", "explained variance"), ("explained_variance_within", "within prompts"), ("accuracy", "accuracy"),
        ] {
            if let value = epoch.measures[key] { line += ", \(name) \(value.formatted(digits: 3))" }
        }
        let correlations = [25, 50, 75, 100].compactMap { epoch.measures["spearman_\($0)"]?.formatted(digits: 2) }
        if !correlations.isEmpty { line += ", Spearman at 25/50/75/100% \(correlations.joined(separator: "/"))" }
        return line + "\n"
    }
}

extension ValueTarget: ExpressibleByArgument {}
extension InputScaling.Kind: ExpressibleByArgument {}
