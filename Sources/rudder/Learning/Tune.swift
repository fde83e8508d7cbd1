import ArgumentParser
import Foundation
import Learning

/// `rudder tune`.
struct Tune: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Find how strongly a value function should steer.",
        discussion: """
            Tries settings on validation prompts and keeps those of the highest reward whose answers stay diverse, coherent and near the model's own. \
            They go into the file's metadata, so that a request which only names the head uses them. What was tried is kept in \
            NAME.tuning.json beside the head; the same command goes on from it.
            """
    )

    @Option(help: ArgumentHelp("The value function's file.", valueName: "file"), completion: .file())
    var head: String

    @Option(help: ArgumentHelp("The prompts; training should not have seen them.", valueName: "file"), completion: .file())
    var prompts: String

    @Option(help: ArgumentHelp("Where rewards come from.", valueName: RewardArgument.valueName))
    var reward: String

    @Option(
        help: ArgumentHelp("Says how well an answer fits its prompt, to bound what is lost of that.", valueName: RewardArgument.valueName)
    )
    var coherence: String?

    @OptionGroup var options: LearningOptions

    @Option(help: "Most tokens of an answer.")
    var maxTokens = 64

    @Option(help: "Sampling temperature; 0 always takes the likeliest token.")
    var temperature: Float = 0

    @Option(help: "How much less diverse answers may be, on average, than the model's own.")
    var diversityLoss = TuningBounds().diversityLoss

    @Option(
        help:
            "How much less coherent answers may be, on average, than the model's own; with --coherence (default: \(TuningBounds().coherenceLoss))."
    )
    var coherenceLoss: Double?

    @Option(
        help:
            "The largest mean KL of the next token's distribution, in nats; for heads of the site final_norm (default: \(TuningBounds().meanKL))."
    )
    var maxKl: Double?

    @OptionGroup var patience: RewardTimeout

    @Flag(help: "Continue prompts as they are, without the model's chat template.")
    var raw = false

    func validate() throws {
        try OptionRange.check(maxTokens, "--max-tokens")
        try OptionRange.checkSampling(temperature: temperature)
        try OptionRange.check(diversityLoss, "--diversity-loss")
        if let coherenceLoss { try OptionRange.check(coherenceLoss, "--coherence-loss") }
        if let maxKl { try OptionRange.check(maxKl, "--max-kl", from: 0) }
        if coherenceLoss != nil, coherence == nil { throw ValidationError("--coherence-loss needs --coherence, to judge by") }
    }

    func run() async throws {
        let prompts = try PromptFile(path: prompts).prompts
        guard ValueFunctionFile.exists(head) else {
            guard !FileManager.default.fileExists(atPath: head) else { throw ValueFunctionFile.missing(head) }
            throw CommandError("there is no file '\(head)'; --head takes the path of what `rudder train` wrote")
        }
        let session = try await options.session()
        defer { session.stop() }
        var answers = AnswerSettings()
        answers.maximumTokens = maxTokens
        answers.temperature = temperature
        answers.isRaw = raw
        var bounds = TuningBounds()
        bounds.diversityLoss = diversityLoss
        bounds.coherenceLoss = coherenceLoss ?? bounds.coherenceLoss
        bounds.meanKL = maxKl ?? bounds.meanKL
        let named = try session.head(head)
        guard maxKl == nil || named.valueFunction.site == .finalNorm else {
            throw CommandError(
                "--max-kl cannot bound a head of the site '\(named.valueFunction.site)': divergences are measured at final_norm only; leave it out"
            )
        }
        let source = { (argument: String) in
            try await RewardArgument.source(RewardArgument.named(argument).source, timeout: patience.timeout, isRaw: raw) { session }
        }
        var coherenceSource: (any RewardSource)?
        if let coherence { coherenceSource = try await source(coherence) }
        let tuner = ControlTuner(
            generator: session.generator,
            head: named,
            reward: try await source(reward),
            coherence: coherenceSource,
            answers: answers,
            bounds: bounds
        )
        let bar = ProgressBar("tune", unit: "answers")
        defer { bar.clear() }
        let record = URL(fileURLWithPath: head).deletingPathExtension().appendingPathExtension("tuning.json").path
        let outcome = try await Interruptible.run {
            try await tuner.run(prompts: prompts, path: record, modelSHA256: session.modelSHA256) { done, total, candidate in
                bar.clear()
                StandardOutput.write(Self.line(candidate) + "\n")
                bar.update(done, of: total)
            }
        }
        bar.clear()
        guard let settings = outcome.settings else {
            let nearest = outcome.nearest.map {
                ". Nearest to the bounds, of what gains something: \(Self.line($0)); the model alone: \(Self.line(outcome.base))"
            }
            throw CommandError(
                "no settings within the bounds (--diversity-loss, \(named.valueFunction.site == .finalNorm ? "--max-kl, " : "")--coherence-loss) gain anything over the model's own answers; the file stays as it is"
                    + (nearest ?? "") + "; loosen one of them, or train anew"
            )
        }
        var metadata = settings.metadata
        metadata["reward_gain"] = (outcome.chosen.reward - outcome.base.reward).formatted(digits: 4)
        metadata["tuned_on"] = "\(prompts.count) prompts"
        try HeadFile.update(head, metadata: metadata)
        StandardOutput.write("chosen, now in \(head): \(Self.line(outcome.chosen))\n")
    }

    private static func line(_ candidate: TuningCandidate) -> String {
        let settings = candidate.settings.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        var line =
            "\(settings): \(candidate.prompts) prompts, reward \(candidate.reward.formatted(digits: 3)), diversity \(candidate.diversity.formatted(digits: 3))"
        if let coherence = candidate.coherence { line += ", coherence \(coherence.formatted(digits: 3))" }
        if let kl = candidate.kl { line += ", KL \(kl.formatted(digits: 3))" }
        return line + ", |u|/|h| \(candidate.norm.formatted(digits: 3))"
    }
}
