import Control
import Inference
import ModelFiles

/// Finds the control settings of the highest reward whose answers keep within bounds of diversity, coherence and divergence.
///
/// The search goes from coarse to fine: how long a step must be; trust regions, KL budgets, plain steps without either, values to stop at; then the
/// number of steps, a budget, another value and regularization at the best of these, and a finer look around it. See ``TuningSearch``.
public struct ControlTuner: Sendable {
    private let generator: AnswerGenerator
    private let head: NamedHead
    private let reward: any RewardSource
    private let coherence: (any RewardSource)?
    private let answers: AnswerSettings
    private let bounds: TuningBounds
    private let grams = GramCache()

    /// Makes a tuner.
    ///
    /// - Parameters:
    ///   - generator: runs the model.
    ///   - head: what steers.
    ///   - reward: what is to rise.
    ///   - coherence: judges how well an answer fits its prompt; nil for none.
    ///   - answers: how answers are made.
    ///   - bounds: what may be lost.
    public init(
        generator: AnswerGenerator,
        head: NamedHead,
        reward: any RewardSource,
        coherence: (any RewardSource)? = nil,
        answers: AnswerSettings,
        bounds: TuningBounds
    ) {
        self.generator = generator
        self.head = head
        self.reward = reward
        self.coherence = coherence
        self.answers = answers
        self.bounds = bounds
    }

    /// What tuning came to.
    public struct Outcome: Sendable {
        /// The best settings; nil where none that keep the bounds gain anything.
        public let settings: ControlSettings?
        /// What they did.
        public let chosen: TuningCandidate
        /// What the model does by itself.
        public let base: TuningCandidate
        /// Of what was measured on all prompts and gains anything, that which breaks the bounds the least; nil where nothing does.
        public let nearest: TuningCandidate?
    }

    /// Searches.
    ///
    /// - Parameters:
    ///   - prompts: what is answered; training should not have seen them.
    ///   - path: the file of what was tried.
    ///   - modelSHA256: the model file's checksum.
    ///   - progress: told of answers there are, of about how many there will be, and of each candidate.
    /// - Throws: ``RewardError``, `PoolError`, `GenerationError`, `ModelFileError`.
    public func run(
        prompts: [Prompt],
        path: String,
        modelSHA256: String,
        progress: @escaping @Sendable (_ done: Int, _ total: Int, _ candidate: TuningCandidate) -> Void
    ) async throws -> Outcome {
        struct Identity: Encodable {
            let prompts: [Prompt]
            let answers: AnswerSettings
            let words: [String]
        }
        let encoder = PromptEncoder(model: generator.model, isRaw: answers.isRaw)
        for prompt in prompts { try encoder.check(prompt, maximumTokens: answers.maximumTokens) }
        // The head's metadata is what is searched for, and says nothing about what is tuned; nor do the bounds about what was measured.
        let words = [modelSHA256, head.valueFunction.identity, reward.identity] + (coherence.map { [$0.identity] } ?? [])
        let identity = try Fingerprint.of(JSONLines.line(Identity(prompts: prompts, answers: answers, words: words)))
        let search = TuningSearch(
            identity: identity,
            path: path,
            bounds: bounds,
            promptCount: prompts.count,
            measuresDivergence: measuresDivergence,
            progress: progress
        ) {
            settings,
            count in
            // Spread over the file, which may be in an order.
            try await measure(settings, (0..<count).map { prompts[$0 * prompts.count / count] })
        }
        return try await search.run()
    }

    /// Between blocks plain logits are not computed, and so no divergence.
    private var measuresDivergence: Bool {
        head.valueFunction.site == .finalNorm
    }

    /// Answers every prompt under control, and judges the answers.
    private func measure(_ settings: ControlSettings, _ prompts: [Prompt]) async throws -> TuningCandidate {
        var traced = settings
        traced.trace = settings.steps > 0
        let controller = try head.controller(settings: traced, grams: grams)
        let method = DirectMethod(generator: generator, settings: answers, system: nil, controller: controller)
        let log = AnswerList()
        try await method.answer(prompts[...]) { _, answer in log.append(answer) }
        let made = log.all
        let items = zip(prompts, made).enumerated().map { RewardItem(index: $0, prompt: $1.0, response: $1.1.response) }
        let rewards = try await reward.scores(items)
        let coherences = try await coherence?.scores(items)
        func mean(_ value: (MethodAnswer.Control) -> Float?) -> Double {
            Statistics.mean(made.compactMap { $0.control.flatMap(value).map(Double.init) })
        }
        return TuningCandidate(
            settings: settings,
            prompts: prompts.count,
            reward: Statistics.mean(rewards),
            rewardDeviation: Statistics.variance(rewards).squareRoot(),
            diversity: Statistics.mean(made.map { Diversity.of($0.response) }),
            coherence: coherences.map(Statistics.mean),
            kl: measuresDivergence ? mean { $0.kl } : nil,
            norm: mean { $0.norm },
            valueBefore: mean { $0.valueBefore },
            valueAfter: mean { $0.valueAfter }
        )
    }
}
