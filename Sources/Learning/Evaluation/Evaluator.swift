import Control

/// Answers prompts by several methods and judges the answers: RE-Control's comparison (arXiv:2406.05954, section 5).
public struct Evaluator: Sendable {
    private let generator: AnswerGenerator
    private let plan: EvaluationPlan
    private let head: NamedHead
    private let settings: ControlSettings
    private let judges: Judges
    private let grams = GramCache()

    /// Makes an evaluator.
    ///
    /// - Parameters:
    ///   - generator: runs the model.
    ///   - plan: what to compare.
    ///   - head: the value function.
    ///   - settings: how strongly it steers at strength 1.
    ///   - judges: who judges.
    public init(generator: AnswerGenerator, plan: EvaluationPlan, head: NamedHead, settings: ControlSettings, judges: Judges) {
        self.generator = generator
        self.plan = plan
        self.head = head
        self.settings = settings
        self.judges = judges
    }

    /// Compares. Answers and what judges said of them are kept in the folder as they come, and an evaluation of the same settings goes on from them.
    ///
    /// - Parameters:
    ///   - prompts: what to answer; training should not have seen them.
    ///   - folder: where answers are kept.
    ///   - modelSHA256: the model file's checksum.
    ///   - progress: told of the method at work, of answers there are by all methods, and of how many there will be.
    /// - Throws: ``RewardError``, ``LineError``, `PoolError`, `GenerationError`.
    public func run(
        prompts: [Prompt],
        folder: String,
        modelSHA256: String,
        progress: @escaping @Sendable (_ step: String, _ done: Int, _ total: Int) -> Void
    ) async throws -> EvaluationReport {
        let identity = try plan.identity(
            prompts: prompts,
            head: head,
            settings: settings,
            reward: judges.reward.source,
            modelSHA256: modelSHA256
        )
        let encoder = PromptEncoder(model: generator.model, isRaw: plan.answers.isRaw)
        for prompt in prompts {
            try encoder.check(prompt, maximumTokens: plan.answers.maximumTokens)
            if plan.methods.contains(.prompt) {
                try encoder.check(prompt.with(system: plan.systemPrompt), maximumTokens: plan.answers.maximumTokens)
            }
        }
        let store = try AnswerStore(folder: folder, identity: identity)
        let runs = runs
        let comparesEdits = plan.methods.contains(.staticEdit) && plan.staticEdit != nil
        let total = prompts.count * (runs.reduce(comparesEdits ? 1 : 0) { $0 + $1.rounds })
        var (done, found) = (0, [MethodResult]())
        for run in runs {
            let before = done
            found.append(try await result(run, prompts, store) { progress($0, before + $1, total) })
            done += prompts.count * run.rounds
        }
        let sweep = zip(runs, found).filter { $0.0.isSweep }.map(\.1)
        var results = zip(runs, found).filter { $0.0.isCompared }.map(\.1)
        if let fair = fairStatic(sweep, among: results) {
            let (run, before) = (Run(method: .staticEdit, strength: fair.strength, isCompared: true), total - 2 * prompts.count)
            results.append(try await result(run, prompts, store) { progress($0, before + $1, total) })
        }
        return EvaluationReport(
            head: head.name,
            site: head.valueFunction.site,
            model: generator.model.id,
            settings: settings,
            plan: plan,
            rewardName: judges.reward.name,
            judgeNames: judges.judges.map(\.name),
            coherenceName: judges.coherence?.name,
            promptCount: prompts.count,
            results: results,
            sweep: sweep
        )
    }

    /// A method at a strength, and what its result is for.
    private struct Run {
        let method: EvaluationMethod
        var strength: Float?
        var isCompared = false
        var isSweep = false

        var name: String {
            method.rawValue + (strength.map { "-\($0)" } ?? "")
        }

        /// Whether divergences are measured, too.
        var isSteered: Bool {
            method == .control || method == .staticEdit
        }

        /// How often every prompt is answered. Divergences cost time that steering alone does not take, so of what is compared they are measured
        /// apart, on the same answers.
        var rounds: Int {
            isSteered && isCompared ? 2 : 1
        }
    }

    /// All there is to do, in order.
    private var runs: [Run] {
        var runs: [Run] = []
        for method in plan.methods where method != .staticEdit {
            runs.append(Run(method: method, strength: method == .control ? 1 : nil, isCompared: true))
        }
        if plan.methods.contains(.control) {
            for strength in plan.sweep {
                if strength == 1, let place = runs.firstIndex(where: { $0.method == .control }) {
                    // Answered once, and shown among the others.
                    var run = runs.remove(at: place)
                    run.isSweep = true
                    runs.append(run)
                } else {
                    runs.append(Run(method: .control, strength: strength, isSweep: true))
                }
            }
        }
        if plan.methods.contains(.staticEdit), plan.staticEdit != nil {
            runs += plan.staticSweep.map { Run(method: .staticEdit, strength: $0, isSweep: true) }
        }
        return runs
    }

    /// The static edit that is compared: the one of highest reward whose answers are no less diverse than those under control, else the most diverse.
    private func fairStatic(_ sweep: [MethodResult], among results: [MethodResult]) -> MethodResult? {
        let edits = sweep.filter { $0.method == .staticEdit }
        let bar = results.first { $0.method == .control }.map { Statistics.mean($0.diversity) } ?? 0
        func reward(_ result: MethodResult) -> Double { Statistics.mean(result.scores[judges.reward.name] ?? []) }
        let fair = edits.filter { Statistics.mean($0.diversity) >= bar }
        return fair.max { reward($0) < reward($1) } ?? edits.max { Statistics.mean($0.diversity) < Statistics.mean($1.diversity) }
    }

    private func result(
        _ run: Run,
        _ prompts: [Prompt],
        _ store: AnswerStore,
        progress: @escaping @Sendable (_ step: String, _ done: Int) -> Void
    ) async throws -> MethodResult {
        let (method, name, count, rounds) = (run.method, run.name, prompts.count, run.rounds)
        var traced: [MethodAnswer] = []
        if run.isSteered {
            let tracing = try answerMethod(method, run.strength, trace: true)
            traced = try await store.answers("\(name)-traced", prompts: prompts, method: tracing) { progress(name, $0) }
        }
        var answers = traced
        if run.isCompared || !run.isSteered {
            let plain = try answerMethod(method, run.strength, trace: false)
            // Control finds the prompts in the prefix cache; so shall those that it is compared with.
            if let direct = plain as? DirectMethod, !run.isSteered { try await direct.readPrompts(prompts) }
            answers = try await store.answers(name, prompts: prompts, method: plain) { progress(name, (rounds - 1) * count + $0) }
        }
        let items = zip(prompts, answers).enumerated().map { place, pair in
            RewardItem(index: place, prompt: pair.0, response: pair.1.response)
        }
        var scores: [String: [Double]] = [:]
        for judge in judges.all {
            scores[judge.name] = try await store.scores(name, judge: judge, items: items) { done, total in
                progress("\(name), \(judge.name) \(done)/\(total)", rounds * count)
            }
        }
        return MethodResult(
            method: method,
            strength: run.strength,
            scores: scores,
            diversity: answers.map { Diversity.of($0.response) },
            kl: traced.compactMap { $0.control?.kl.map(Double.init) },
            norm: answers.compactMap { $0.control.map { Double($0.norm) } },
            tokens: answers.reduce(0) { $0 + $1.tokens },
            seconds: answers.reduce(0) { $0 + $1.seconds }
        )
    }

    private func answerMethod(_ method: EvaluationMethod, _ strength: Float?, trace: Bool) throws -> any AnswerMethod {
        var direct = DirectMethod(generator: generator, settings: plan.answers)
        switch method {
        case .base: return direct
        case .prompt:
            direct.system = plan.systemPrompt
            return direct
        case .staticEdit:
            direct.controller = try plan.staticEdit?.controller(strength: strength ?? 0, trace: trace)
            return direct
        case .control:
            var scaled = settings.scaled(by: strength ?? 1)
            scaled.trace = trace
            direct.controller = try head.controller(settings: scaled, grams: grams)
            return direct
        case .bestOf:
            return BestOfMethod(
                generator: generator,
                settings: plan.answers,
                reward: judges.reward.source,
                count: plan.bestOf,
                temperature: plan.bestOfTemperature
            )
        case .controlledDecoding:
            return ControlledDecodingMethod(
                generator: generator,
                settings: plan.answers,
                value: try StateValue(head: head.valueFunction),
                candidates: plan.candidates,
                weight: plan.decodingWeight
            )
        }
    }
}
