import Control
import Inference
import Tokenizers

/// Reads pairs of answers with the model and keeps the state at the last token of each: the folder of rollouts that a reward head is trained on. Its
/// rollouts are the given answers, chosen and rejected in turn, and hold one state each.
public struct PreferenceStates: Sendable {
    private let generator: AnswerGenerator
    private let encoder: PromptEncoder
    private let isRaw: Bool
    private let site: HiddenStateSite

    /// Makes a reader.
    ///
    /// - Parameters:
    ///   - generator: runs the model.
    ///   - isRaw: whether prompts have no chat template.
    ///   - site: where the states are taken.
    public init(generator: AnswerGenerator, isRaw: Bool = false, site: HiddenStateSite = .finalNorm) {
        self.generator = generator
        self.isRaw = isRaw
        self.site = site
        encoder = PromptEncoder(model: generator.model, isRaw: isRaw)
    }

    /// Fills a folder, from where an earlier run on the same pairs ended. Pairs that do not fit into the model's context are left out.
    ///
    /// - Returns: how many pairs were left out.
    ///
    /// - Parameters:
    ///   - folder: where to.
    ///   - pairs: the pairs.
    ///   - modelSHA256: the model file's checksum.
    ///   - progress: told of answers read, of how many, and of tokens read so far.
    /// - Throws: ``RolloutError``, `PoolError`, `GenerationError`, `PromptError`.
    public func collect(
        into folder: RolloutFolder,
        pairs: [PreferencePair],
        modelSHA256: String,
        progress: @Sendable (_ done: Int, _ total: Int, _ tokens: Int) -> Void = { _, _, _ in }
    ) async throws -> Int {
        try generator.check(site)
        var fitting: [PreferencePair] = []
        for pair in pairs {
            let lengths = try [pair.chosen, pair.rejected].map { try encoder.tokens(of: pair.prompt, answer: $0).count }
            if lengths.allSatisfy({ $0 <= generator.model.contextLength }) { fitting.append(pair) }
        }
        let kept = fitting
        var options = RolloutOptions()
        options.samples = 2
        options.maximumTokens = 0
        options.isRaw = isRaw
        let manifest = try RolloutManifest(
            model: generator.model.id,
            modelSHA256: modelSHA256,
            hiddenSize: generator.model.configuration.hiddenSize,
            site: site,
            prompts: kept.map { pair in
                let answers = [pair.chosen, pair.rejected].map { ChatMessage(role: "assistant", content: $0) }
                return Prompt(id: pair.prompt.id, messages: pair.prompt.messages + answers)
            },
            options: options
        )
        let tokenizer = generator.model.tokenizer
        @Sendable func text(_ index: Int) -> String { index % 2 == 0 ? kept[index / 2].chosen : kept[index / 2].rejected }
        let run = RolloutRun(generator: generator, folder: folder, manifest: manifest, shardRollouts: 256)
        try await run.fill(
            request: { index in
                var request = GenerationRequest(
                    prompt: try encoder.tokens(of: kept[index / 2].prompt, answer: text(index)),
                    maximumTokens: 0
                )
                request.reportsStates = true
                request.stateSite = site
                return request
            },
            entry: { index, read in
                var answer = read
                answer.text = text(index)
                answer.states = read.promptState.map { [$0] } ?? []
                answer.tokens = tokenizer.encode(answer.text, parseSpecial: false, addBeginning: false).suffix(1)
                let tokens = try encoder.tokens(of: kept[index / 2].prompt, answer: answer.text).count
                return RolloutRun.Entry(answer: answer, prompt: kept[index / 2].prompt, sample: index % 2, seed: 0, tokens: tokens)
            },
            progress: progress
        )
        return pairs.count - kept.count
    }
}
