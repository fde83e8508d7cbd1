import Inference

/// Reads pairs of answers with the model and keeps the state at the last token of each: the folder of rollouts that a reward head is trained on. Its
/// rollouts are the given answers, chosen and rejected in turn, and hold one state each.
public struct PreferenceStates: Sendable {
    private let generator: AnswerGenerator
    private let encoder: PromptEncoder
    private let isRaw: Bool

    /// Makes a reader.
    public init(generator: AnswerGenerator, isRaw: Bool = false) {
        self.generator = generator
        self.isRaw = isRaw
        encoder = PromptEncoder(model: generator.model, isRaw: isRaw)
    }

    /// Fills a folder, from where an earlier run on the same pairs ended. Pairs that do not fit into the model's context are left out.
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
    ) async throws {
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
            prompts: kept.map { Prompt(id: $0.prompt.id, messages: $0.prompt.messages + [.init(role: "assistant", content: $0.chosen)]) },
            options: options
        )
        // Written from one task alone, at times on another thread.
        nonisolated(unsafe) let writer = try RolloutWriter(folder: folder, manifest: manifest, shardRollouts: 256)
        var (done, tokens) = (writer.finishedCount, 0)
        let total = kept.count * 2
        progress(done, total, tokens)
        do {
            try await generator.run(done..<total) { index in
                let pair = kept[index / 2]
                let answer = index % 2 == 0 ? pair.chosen : pair.rejected
                var request = GenerationRequest(prompt: try encoder.tokens(of: pair.prompt, answer: answer), maximumTokens: 0)
                request.reportsStates = true
                return request
            } each: { index, read in
                let pair = kept[index / 2]
                var answer = read
                answer.text = index % 2 == 0 ? pair.chosen : pair.rejected
                answer.states = read.promptState.map { [$0] } ?? []
                answer.tokens = [generator.model.tokenizer.encode(answer.text, parseSpecial: false, addBeginning: false).last ?? 0]
                let finished = answer
                try await OffPool.run { try writer.append(finished, prompt: pair.prompt, sample: index % 2, seed: 0) }
                done += 1
                tokens += try encoder.tokens(of: pair.prompt, answer: answer.text).count
                progress(done, total, tokens)
            }
        } catch {
            try await OffPool.run { try writer.flush() }
            if Task.isCancelled { throw CancellationError() }
            throw error
        }
        try await OffPool.run { try writer.flush() }
    }
}
