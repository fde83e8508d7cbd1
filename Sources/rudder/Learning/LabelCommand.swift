import ArgumentParser
import Learning

/// `rudder label`.
struct LabelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "label",
        abstract: "Add rewards to rollouts.",
        discussion: """
            A command reads {"index", "id", "prompt", "response"} a line and writes a number, or {"reward": x}, a line for each. A service gets \
            {"items": […]} by POST and answers {"rewards": […]}. A file has {"index": n, "reward": x} a line, or rewards in order. \
            preference:HEAD is a reward head that `rudder train --preferences` made. length counts words. What is labelled stays, whatever \
            happens; the same command goes on from there.
            """
    )

    @Argument(help: ArgumentHelp("The rollouts.", valueName: "dir"), completion: .directory)
    var folder: String

    @Option(
        help: ArgumentHelp("Where rewards come from, with a name for them if it likes.", valueName: "[NAME=]\(RewardArgument.valueName)")
    )
    var reward: String

    @Option(help: ArgumentHelp("The file of rewards (default: rewards.jsonl in the folder).", valueName: "file"), completion: .file())
    var out: String?

    @OptionGroup var patience: RewardTimeout

    @OptionGroup var options: LearningOptions

    func run() async throws {
        let rollouts = RolloutFolder(path: folder)
        let manifest = try rollouts.manifest()
        let sessions = LazySession(options)
        let named = RewardArgument.named(reward)
        let source = try await RewardArgument.source(named.source, timeout: patience.timeout, isRaw: manifest.options.isRaw) {
            try await sessions.session()
        }
        defer { sessions.stop() }
        let labeler = Labeler(folder: rollouts, path: out)
        let bar = ProgressBar("label", unit: "answers")
        defer { bar.clear() }
        try await Interruptible.run {
            try await labeler.run(source: source, name: named.name) { done, total in bar.update(done, of: total) }
        }
        bar.clear()
        let rewards = try Labeler.rewards(path: labeler.path).rewards
        let (mean, deviation) = (Statistics.mean(rewards), Statistics.variance(rewards).squareRoot())
        StandardOutput.write(
            "\(rewards.count) rewards from \(named.name) in \(labeler.path): mean \(format(mean)), deviation \(format(deviation))\n"
        )
    }

    private func format(_ value: Double) -> String {
        value.formatted(digits: 4)
    }
}
