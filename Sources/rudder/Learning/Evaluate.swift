import ArgumentParser
import Control
import Foundation
import Learning

/// `rudder evaluate`.
struct Evaluate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compare control with other methods on prompts.",
        discussion: """
            Compares rewards, what held-out judges say, diversity and cost. Writes results.md, results.json and sweep.svg. A judge may \
            have a name: --judge afinn=command:PROGRAM. Answers are kept as they come; the same command goes on from them.
            """
    )

    @Option(help: ArgumentHelp("The prompts; training should not have seen them.", valueName: "file"), completion: .file())
    var prompts: String

    @Option(help: ArgumentHelp("The value function.", valueName: "NAME|NAME@VERSION|FILE"), completion: .heads)
    var head: String

    @Option(help: ArgumentHelp("Where answers and results go.", valueName: "dir"), completion: .directory)
    var out: String

    @Option(help: ArgumentHelp("Methods to compare: base, prompt, static, best-of-n, controlled-decoding, re-control.", valueName: "a,b"))
    var methods = "base,prompt,static,best-of-n,re-control"

    @Option(help: ArgumentHelp("What training raised.", valueName: "[NAME=]SOURCE"))
    var reward: String

    @Option(
        help: ArgumentHelp("A judge that training never saw; may be repeated. Win rates are the first one's.", valueName: "[NAME=]SOURCE")
    )
    var judge: [String] = []

    @Option(
        help: ArgumentHelp(
            "Says how well an answer fits its prompt, for example the cosine of their embeddings.",
            valueName: "[NAME=]SOURCE"
        )
    )
    var coherence: String?

    @Option(help: ArgumentHelp("Control settings in place of the head's own.", valueName: "JSON|@FILE"))
    var control: String?

    @OptionGroup var options: LearningOptions

    @Option(help: "Most tokens of an answer.")
    var maxTokens = 64

    @Option(help: "Sampling temperature; 0 always takes the likeliest token.")
    var temperature: Float = 0

    @Option(help: "Seed of everything random.")
    var seed: UInt64 = 0

    @Option(help: "The system prompt of the method 'prompt'.")
    var system = EvaluationPlan(methods: []).systemPrompt

    @Option(
        help: ArgumentHelp("Labelled rollouts that the method 'static' gets its vector from; may be repeated.", valueName: "dir"),
        completion: .directory
    )
    var rollouts: [String] = []

    @Option(help: "Answers that best-of-n samples.")
    var bestOf = 4

    @Option(help: "Temperature of best-of-n.")
    var bestOfTemperature: Float = 1

    @Option(help: "Likeliest tokens that controlled-decoding tries.")
    var candidates = 8

    @Option(help: "What controlled-decoding multiplies values by.")
    var decodingWeight: Float = 2

    @Option(help: ArgumentHelp("Multiples of the strength to try; 'none' for none.", valueName: "a,b"))
    var sweep = "0.25,0.5,0.75,1,1.25,1.5,2"

    @OptionGroup var patience: RewardTimeout

    @Flag(help: "Continue prompts as they are, without the model's chat template.")
    var raw = false

    func validate() throws {
        _ = try parsedMethods()
        _ = try parsedSweep()
        try OptionRange.check(bestOf, "--best-of")
        try OptionRange.check(maxTokens, "--max-tokens")
        try OptionRange.check(candidates, "--candidates", to: 64)
        try OptionRange.checkSampling(temperature: temperature)
        try OptionRange.checkSampling(temperature: bestOfTemperature, prefix: "best-of-")
        try OptionRange.check(Double(decodingWeight), "--decoding-weight")
        let names = judgeNames
        guard Set(names).count == names.count else {
            throw ValidationError("the reward, judges and coherence must have different names, not \(names.joined(separator: ", "))")
        }
        if try parsedMethods().contains(.staticEdit), rollouts.isEmpty {
            throw ValidationError("the method 'static' needs --rollouts, or leave it out of --methods")
        }
    }

    private func parsedMethods() throws -> [EvaluationMethod] {
        try methods.split(separator: ",").map { name in
            guard let method = EvaluationMethod(rawValue: String(name)) else {
                throw ValidationError(
                    "'\(name)' is no method; there are \(EvaluationMethod.allCases.map(\.rawValue).joined(separator: ", "))"
                )
            }
            return method
        }
    }

    private func parsedSweep() throws -> [Float] {
        guard sweep != "none" else { return [] }
        return try sweep.split(separator: ",").map { text in
            guard let strength = Float(text), strength > 0, strength.isFinite else {
                throw ValidationError("--sweep takes numbers above 0, not '\(text)'")
            }
            return strength
        }
    }

    func run() async throws {
        let prompts = try PromptFile(path: prompts).prompts
        var plan = EvaluationPlan(methods: try parsedMethods())
        plan.answers.maximumTokens = maxTokens
        plan.answers.temperature = temperature
        plan.answers.seed = seed
        plan.answers.isRaw = raw
        plan.systemPrompt = system
        plan.bestOf = bestOf
        plan.bestOfTemperature = bestOfTemperature
        plan.candidates = candidates
        plan.decodingWeight = decodingWeight
        plan.sweep = try parsedSweep()
        if plan.methods.contains(.staticEdit) {
            plan.staticEdit = try StaticEdit(set: TrainingSet(folders: rollouts.map { RolloutFolder(path: $0) }))
        }
        let session = try await options.session()
        defer { session.stop() }
        let head = try session.head(head)
        if let edit = plan.staticEdit, edit.site != head.valueFunction.site.description {
            throw CommandError(
                "the rollouts have states of the site '\(edit.site)', the head is for '\(head.valueFunction.site)': a static edit is compared at the same site; leave 'static' out of --methods, or name other --rollouts"
            )
        }
        let evaluator = Evaluator(
            generator: session.generator,
            plan: plan,
            head: head,
            settings: try session.settings(of: head, control: control),
            judges: Judges(
                reward: try await namedJudge(reward, standard: "reward", session),
                judges: try await judges(session),
                coherence: try await coherence(session)
            )
        )
        let bar = ProgressBar("evaluate", unit: "answers")
        defer { bar.clear() }
        let out = out
        let report = try await Interruptible.run {
            try await evaluator.run(prompts: prompts, folder: out, modelSHA256: session.modelSHA256) { step, done, total in
                bar.update(done, of: total, detail: step)
            }
        }
        bar.clear()
        try report.write(folder: out)
        StandardOutput.write(report.markdown)
    }

    /// What the reward, the judges and coherence are called in tables, in that order.
    private var judgeNames: [String] {
        let judges = judge.enumerated().map { RewardArgument.named($1, standard: Self.standardName(ofJudge: $0)).name }
        let coherence = coherence.map { [RewardArgument.named($0, standard: "coherence").name] } ?? []
        return [RewardArgument.named(reward, standard: "reward").name] + judges + coherence
    }

    private static func standardName(ofJudge place: Int) -> String {
        place == 0 ? "judge" : "judge \(place + 1)"
    }

    private func judges(_ session: LearningSession) async throws -> [NamedJudge] {
        var judges: [NamedJudge] = []
        for (index, argument) in judge.enumerated() {
            judges.append(try await namedJudge(argument, standard: Self.standardName(ofJudge: index), session))
        }
        return judges
    }

    private func coherence(_ session: LearningSession) async throws -> NamedJudge? {
        guard let coherence else { return nil }
        return try await namedJudge(coherence, standard: "coherence", session)
    }

    private func namedJudge(_ argument: String, standard: String, _ session: LearningSession) async throws -> NamedJudge {
        let (name, source) = RewardArgument.named(argument, standard: standard)
        return NamedJudge(name: name, source: try await RewardArgument.source(source, timeout: patience.timeout, isRaw: raw) { session })
    }
}
