import Control
import Inference
import TestSupport
import Testing

/// A request's tokens depend on the request alone.
@Suite("Invariance of a request's tokens")
struct InvarianceTests {
    /// What may not matter.
    private struct Circumstances: CustomStringConvertible {
        var others = 0
        var threads = 1
        var cachesPrefixes = true
        /// How often the request was made before.
        var isWarm = false
        var stepTokens = 256
        var cutSeed: UInt64?

        var description: String {
            "\(others) others, \(threads) threads, cache \(cachesPrefixes), warm \(isWarm), \(stepTokens) a step, cuts \(cutSeed.map(String.init) ?? "no")"
        }

        static let all = [
            Circumstances(),
            Circumstances(threads: 2),
            Circumstances(cachesPrefixes: false),
            Circumstances(isWarm: true),
            Circumstances(threads: 2, isWarm: true, stepTokens: 37),
            Circumstances(cutSeed: 1),
            Circumstances(threads: 2, isWarm: true, cutSeed: 2),
            Circumstances(others: 16),
            Circumstances(others: 16, threads: 2, cutSeed: 3),
            Circumstances(others: 16, threads: 2, cachesPrefixes: false, stepTokens: 19, cutSeed: 4),
            Circumstances(others: 16, threads: 2, isWarm: true, cutSeed: 5),
        ]
    }

    @Test(
        "alone or among 16 others, by 1 or 2 threads, cold or warm, however prefills are cut",
        .enabled(if: TestModels.hasTiny),
        // The longer prompt goes over several chunks of attention.
        arguments: [("final_norm", 150), ("layer.0", 150), ("final_norm", 600), ("layer.2", 600)]
    )
    func tiny(site: String, promptLength: Int) async throws {
        let head = try TinyHead.head(site: site)
        try await check(try #require(try TestModels.tiny()), promptLength: promptLength, tokens: 40, head: head, among: Circumstances.all)
    }

    @Test(
        "the same with the default model",
        .enabled(if: GoldenFiles.model != nil, "needs the default model: make model")
    )
    func smolLM2() async throws {
        let head = try TinyHead.head(hiddenSize: 576)
        let few = [0, 4, 6, 10].map { Circumstances.all[$0] }
        try await check(try #require(try TestModels.smolLM2()), promptLength: 90, tokens: 12, head: head, among: few)
    }

    private func check(_ model: LoadedModel, promptLength: Int, tokens: Int, head: WeightedHead, among all: [Circumstances]) async throws {
        var settings = ControlSettings()
        settings.stepSize = 3
        settings.trace = true
        let controller = try Controller(heads: [head], settings: settings, grams: GramCache())
        let size = model.configuration.vocabularySize
        let prompt = (0..<promptLength).map { Int32(($0 * $0 + 17 * $0) % size) }
        var request = GenerationRequest(prompt: prompt, maximumTokens: tokens)
        request.sampling.seed = 42
        request.sampling.temperature = 1
        request.ignoresEndOfSequence = true
        request.logprobs = 2
        request.control = controller
        var expected: [GeneratedToken]?
        for circumstances in all {
            var limits = PoolLimits(running: 17, threads: circumstances.threads)
            limits.cachesPrefixes = circumstances.cachesPrefixes
            limits.stepTokens = circumstances.stepTokens
            limits.cutSeed = circumstances.cutSeed
            let pool = TestModels.pool([ModelSpecification(model: model)], limits)
            defer { pool.stop() }
            if circumstances.isWarm { _ = try await Generation(pool.submit(request, model: model.id)) }
            let others = try (0..<circumstances.others).map { try pool.submit(other($0, request, size), model: model.id) }
            let found = try await Generation(pool.submit(request, model: model.id))
            for stream in others { stream.cancel() }
            #expect(found.tokens.count == tokens, "\(circumstances)")
            #expect(expected == nil || found.tokens == expected, "\(circumstances)")
            expected = expected ?? found.tokens
        }
    }

    /// Requests of all kinds: some begin like the one that is looked at, some are steered, some want more of each token.
    private func other(_ index: Int, _ request: GenerationRequest, _ size: Int) -> GenerationRequest {
        var other = request
        let own = (0..<(3 + 11 * index)).map { Int32(($0 * 31 + index) % size) }
        other.prompt = index % 3 == 0 ? request.prompt.prefix(16 * (index + 1)) + own : own
        other.maximumTokens = 200
        other.sampling.seed = UInt64(index)
        other.sampling.temperature = index % 4 == 0 ? 0 : 1
        other.sampling.topP = index % 5 == 0 ? 0.9 : 1
        other.logprobs = index % 2 == 0 ? 3 : nil
        other.promptLogprobs = index % 7 == 0 ? 1 : nil
        if index % 2 == 1 { other.control = nil }
        return other
    }
}
