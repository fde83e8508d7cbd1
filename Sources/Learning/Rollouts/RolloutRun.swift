import Inference

/// Fills a folder of rollouts with what the model answers, or reads, from where an earlier run of the same manifest ended.
struct RolloutRun: Sendable {
    /// What becomes a rollout.
    struct Entry: Sendable {
        let answer: Answer
        let prompt: Prompt
        let sample: Int
        let seed: UInt64
        /// How many tokens were worked on for it, for the progress.
        let tokens: Int
    }

    let generator: AnswerGenerator
    let folder: RolloutFolder
    let manifest: RolloutManifest
    /// Rollouts of a shard: what an interruption may cost.
    let shardRollouts: Int

    /// Runs. Cancelling the task finishes what is there, and throws `CancellationError`.
    ///
    /// - Parameters:
    ///   - request: makes the request for a rollout, by its index.
    ///   - entry: makes the rollout of what came back.
    ///   - progress: told of rollouts done, of how many, and of tokens worked on in this run.
    func fill(
        request: @escaping @Sendable (Int) throws -> GenerationRequest,
        entry: @escaping @Sendable (Int, Answer) throws -> Entry,
        progress: @Sendable (_ done: Int, _ total: Int, _ tokens: Int) -> Void
    ) async throws {
        // Written from one task alone, on another thread at times.
        nonisolated(unsafe) let writer = try await OffPool.run { [folder, manifest, shardRollouts] in
            RolloutWriter.Transfer(try RolloutWriter(folder: folder, manifest: manifest, shardRollouts: shardRollouts))
        }.writer
        let total = manifest.rolloutCount
        var (done, tokens) = (writer.finishedCount, 0)
        progress(done, total, tokens)
        do {
            try await generator.run(done..<total, request: request) { index, answer in
                let entry = try entry(index, answer)
                try await OffPool.run {
                    try writer.append(entry.answer, prompt: entry.prompt, sample: entry.sample, seed: entry.seed)
                }
                done += 1
                tokens += entry.tokens
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
