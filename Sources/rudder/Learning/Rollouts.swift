import ArgumentParser
import Control
import Foundation
import Learning

/// `rudder rollouts`.
struct Rollouts: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Sample answers, and keep the states behind them.",
        discussion: """
            Prompts are JSON, one a line: {"prompt": "…"}, {"messages": […]}, or a pair of HH-RLHF, whose prompt is taken. The folder gets \
            rollouts.jsonl and the states of every token in shards of safetensors (F16). The same command goes on where an interrupted one ended.
            """
    )

    @Option(help: ArgumentHelp("The prompts.", valueName: "file"), completion: .file())
    var prompts: String

    @Option(help: ArgumentHelp("Where the rollouts go.", valueName: "dir"), completion: .directory)
    var out: String

    @OptionGroup var options: LearningOptions

    @Option(help: "Answers to each prompt.")
    var samples = 4

    @Option(help: "Most tokens of an answer.")
    var maxTokens = 64

    @Option(help: "Sampling temperature.")
    var temperature: Float = 1

    @Option(help: "Sample from the likeliest tokens that together have this probability.")
    var topP: Float = 1

    @Option(help: "Seed of everything random.")
    var seed: UInt64 = 0

    @Flag(help: "Continue prompts as they are, without the model's chat template.")
    var raw = false

    @Option(
        help: ArgumentHelp(
            "Sample under control, for a round on-policy; the states kept are the steered ones.",
            valueName: "NAME|NAME@VERSION|FILE|JSON|@FILE"
        )
    )
    var control: String?

    @Option(
        help: ArgumentHelp(
            "Where states are taken: final_norm, or behind a block. Without, the site of --control's head, else final_norm.",
            valueName: "final_norm|layer.N"
        )
    )
    var site: HiddenStateSite?

    func validate() throws {
        try OptionRange.check(samples, "--samples")
        try OptionRange.check(maxTokens, "--max-tokens")
        try OptionRange.checkSampling(temperature: temperature, topP: topP)
    }

    func run() async throws {
        let prompts = try PromptIndex(path: prompts)
        let session = try await options.session()
        defer { session.stop() }
        var rollouts = RolloutOptions()
        rollouts.samples = samples
        rollouts.maximumTokens = maxTokens
        rollouts.temperature = temperature
        rollouts.topP = topP
        rollouts.seed = seed
        rollouts.isRaw = raw
        rollouts.control = control
        let collector = RolloutCollector(
            generator: session.generator,
            options: rollouts,
            control: try control.map { try session.controller($0) },
            site: site
        )
        let folder = RolloutFolder(path: out)
        let bar = ProgressBar("rollouts", unit: "answers")
        let start = ContinuousClock.now
        let total = Tally()
        defer { bar.clear() }
        try await Interruptible.run {
            try await collector.run(into: folder, prompts: prompts, modelSHA256: session.modelSHA256) { done, count, tokens in
                total.set(done, tokens)
                let rate = Double(tokens) / max((ContinuousClock.now - start) / .seconds(1), 1e-3)
                bar.update(done, of: count, detail: "\(Int(rate)) tokens/s")
            }
        }
        bar.clear()
        let (done, tokens) = total.values
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        StandardOutput.write("\(done) rollouts in \(out); \(tokens) tokens sampled in \(String(format: "%.1f", seconds)) s\n")
    }
}
