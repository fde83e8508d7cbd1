import Control
import Inference
import Synchronization

/// Samples answers to prompts and keeps them with the states that every token came from: the data that value functions are trained on.
public struct RolloutCollector: Sendable {
    /// How it samples.
    public let options: RolloutOptions
    private let generator: AnswerGenerator
    private let encoder: PromptEncoder
    private let control: Controller?
    private let site: HiddenStateSite
    /// Rollouts of a shard: what an interruption may cost.
    private let shardRollouts: Int

    /// Makes a collector.
    ///
    /// - Parameters:
    ///   - generator: runs the model.
    ///   - options: how to sample.
    ///   - control: what steers, for rounds on-policy; `options.control` should say so. The states kept are then the steered ones.
    ///   - site: where the states are taken; nil for the site of `control`, and `final_norm` without.
    ///   - shardRollouts: how many rollouts are written at once.
    public init(
        generator: AnswerGenerator,
        options: RolloutOptions,
        control: Controller? = nil,
        site: HiddenStateSite? = nil,
        shardRollouts: Int = 64
    ) {
        self.generator = generator
        self.options = options
        self.control = control
        self.site = site ?? control?.site ?? .finalNorm
        self.shardRollouts = shardRollouts
        encoder = PromptEncoder(model: generator.model, isRaw: options.isRaw)
    }

    /// Fills a folder, from where an earlier run of the same settings ended. Cancelling the task finishes what is sampled so far, and throws
    /// `CancellationError`.
    ///
    /// - Parameters:
    ///   - folder: where to.
    ///   - prompts: what to answer.
    ///   - modelSHA256: the model file's checksum.
    ///   - progress: told of rollouts done, of how many, and of tokens sampled so far.
    /// - Throws: ``RolloutError``, `PoolError`, `GenerationError`, `PromptError`, ``PromptLengthError``.
    public func run(
        into folder: RolloutFolder,
        prompts: some PromptList,
        modelSHA256: String,
        progress: @Sendable (_ done: Int, _ total: Int, _ tokens: Int) -> Void = { _, _, _ in }
    ) async throws {
        try generator.check(site)
        for place in 0..<prompts.count { try encoder.check(prompts.prompt(at: place), maximumTokens: options.maximumTokens) }
        var manifest = try RolloutManifest(
            model: generator.model.id,
            modelSHA256: modelSHA256,
            hiddenSize: generator.model.configuration.hiddenSize,
            site: site,
            prompts: prompts,
            options: options
        )
        manifest.controlIdentity = control.map { control in
            (control.heads.map { "\($0.weight) \($0.valueFunction.identity)" } + ["\(control.settings)"]).joined(separator: ", ")
        }
        let (options, encoder, control, site) = (options, encoder, control, site)
        let run = RolloutRun(generator: generator, folder: folder, manifest: manifest, shardRollouts: shardRollouts)
        try await run.fill(
            request: { index in
                var request = GenerationRequest(
                    prompt: try encoder.tokens(of: prompts.prompt(at: index / options.samples)),
                    maximumTokens: options.maximumTokens
                )
                request.sampling.temperature = options.temperature
                request.sampling.topP = options.topP
                request.sampling.seed = options.seed(ofRollout: index)
                request.control = control
                request.reportsStates = true
                request.stateSite = site
                return request
            },
            entry: { index, answer in
                RolloutRun.Entry(
                    answer: answer,
                    prompt: try prompts.prompt(at: index / options.samples),
                    sample: index % options.samples,
                    seed: options.seed(ofRollout: index),
                    tokens: answer.tokens.count
                )
            },
            progress: progress
        )
    }
}
