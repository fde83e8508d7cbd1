import Control
import Inference
import Testing

@Suite("Prefix caching", .enabled(if: TestModels.hasTiny, "needs the reference model llama3"))
struct PrefixCachingTests {
    private func request(_ prompt: [Int32], tokens: Int = 24, _ change: (inout GenerationRequest) -> Void = { _ in }) -> GenerationRequest {
        var request = GenerationRequest(prompt: prompt, maximumTokens: tokens)
        request.sampling.seed = 11
        request.ignoresEndOfSequence = true
        request.logprobs = 2
        change(&request)
        return request
    }

    private func pool(_ change: (inout PoolLimits) -> Void = { _ in }) throws -> WorkerPool {
        var limits = PoolLimits(threads: 2)
        change(&limits)
        return TestModels.pool([ModelSpecification(model: try #require(try TestModels.tiny()))], limits)
    }

    private func text(_ count: Int, seed: Int = 3) -> [Int32] {
        (0..<count).map { Int32(($0 * $0 + seed * $0 + seed) % 380) }
    }

    private func generate(_ pool: WorkerPool, _ request: GenerationRequest) async throws -> Generation {
        try await Generation(pool.submit(request, model: "tiny"))
    }

    @Test("a request has the same bits cold, warm and without a cache, with control too", arguments: [false, true])
    func sameBits(isControlled: Bool) async throws {
        var settings = ControlSettings()
        settings.stepSize = 5
        settings.trace = true
        let controller = try Controller(heads: [TinyHead.head()], settings: settings, grams: GramCache())
        let asked = request(text(200)) { if isControlled { $0.control = controller } }
        let plain = try pool { $0.cachesPrefixes = false }
        defer { plain.stop() }
        let caching = try pool()
        defer { caching.stop() }
        let expected = try await generate(plain, asked)
        #expect(try await generate(plain, asked).summary?.cachedPromptTokens == 0)
        let (cold, warm) = (try await generate(caching, asked), try await generate(caching, asked))
        #expect(cold.tokens == expected.tokens && warm.tokens == expected.tokens)
        #expect(cold.summary?.cachedPromptTokens == 0 && warm.summary?.cachedPromptTokens == 192)
        // The cache was filled by a steered request, or a plain one; the other kind finds the same in it.
        let other = request(text(200)) { if !isControlled { $0.control = controller } }
        let (without, with) = (try await generate(plain, other), try await generate(caching, other))
        #expect(without.tokens == with.tokens && with.summary?.cachedPromptTokens == 192)
    }

    @Test("of a prompt that is cached as a whole, the block of its last token is computed")
    func wholePrompt() async throws {
        let pool = try pool()
        defer { pool.stop() }
        for (length, cached) in [(64, 48), (65, 64), (63, 48), (16, 0), (17, 16), (1, 0)] {
            let prompt = text(length, seed: length)
            let (cold, warm) = (try await generate(pool, request(prompt)), try await generate(pool, request(prompt)))
            #expect(cold.summary?.cachedPromptTokens == 0 && warm.summary?.cachedPromptTokens == cached)
            #expect(cold.tokens == warm.tokens)
        }
    }

    @Test("what was generated is found by the conversation's next turn, while it is still running too")
    func nextTurn() async throws {
        let pool = try pool()
        defer { pool.stop() }
        let first = try await generate(pool, request(text(20), tokens: 60))
        let turn = text(20) + first.ids + [5, 6, 7]
        let second = try await generate(pool, request(turn))
        // The last generated token was never read by the model.
        #expect(second.summary?.cachedPromptTokens == 64)
        let uncached = try self.pool { $0.cachesPrefixes = false }
        defer { uncached.stop() }
        #expect(try await generate(uncached, request(turn)).tokens == second.tokens)

        var running = try pool.submit(request(text(90, seed: 8), tokens: 1900), model: "tiny").makeAsyncIterator()
        _ = try await running.next()
        #expect(try await generate(pool, request(text(90, seed: 8) + [1, 2])).summary?.cachedPromptTokens == 80)
    }

    @Test("sequences that begin alike and come together compute what they share once", arguments: [256, 7])
    func together(stepTokens: Int) async throws {
        let pool = try pool {
            $0.stepTokens = stepTokens
            $0.running = 6
        }
        defer { pool.stop() }
        // Their readers wait until all have come.
        let streams = try (0..<6).map { index in
            try pool.submit(request(text(150) + [Int32(index)]) { $0.sampling.seed = UInt64(index) }, model: "tiny")
        }
        var found: [Generation] = []
        for stream in streams { found.append(try await Generation(stream)) }
        let cached = found.compactMap(\.summary?.cachedPromptTokens)
        #expect(cached.filter { $0 == 144 }.count == 5 && cached.contains(0))
        #expect(pool.status.models[0].cachedPromptTokens == 5 * 144 && pool.status.models[0].promptTokens == 6 * 151)
        let uncached = try self.pool { $0.cachesPrefixes = false }
        defer { uncached.stop() }
        for (index, generation) in found.enumerated() {
            let alone = try await generate(uncached, request(text(150) + [Int32(index)]) { $0.sampling.seed = UInt64(index) })
            #expect(alone.tokens == generation.tokens)
        }
    }

    @Test("the prompt's log-probabilities are computed, not found, and leave blocks for others")
    func promptLogprobs() async throws {
        let pool = try pool()
        defer { pool.stop() }
        let asked = request(text(100)) { $0.promptLogprobs = 1 }
        let (cold, warm) = (try await generate(pool, asked), try await generate(pool, asked))
        #expect(cold.promptLogprobs == warm.promptLogprobs && cold.promptLogprobs.count == 100 && cold.tokens == warm.tokens)
        #expect(warm.summary?.cachedPromptTokens == 0)
        #expect(try await generate(pool, request(text(100))).summary?.cachedPromptTokens == 96)
    }

    @Test("when blocks run out, the longest unused prefix goes; what runs keeps its own, and tokens stay right")
    func eviction() async throws {
        let model = try #require(try TestModels.tiny())
        // Room for one whole context of 2,048 tokens.
        let pool = TestModels.pool([ModelSpecification(model: model, keyValueBytes: 1)])
        defer { pool.stop() }
        let uncached = try self.pool { $0.cachesPrefixes = false }
        defer { uncached.stop() }
        var expected: [Generation] = []
        for seed in 0..<5 {
            expected.append(try await generate(uncached, request(text(500, seed: seed))))
            #expect(try await generate(pool, request(text(500, seed: seed))).tokens == expected[seed].tokens)
        }
        // Four of 33 blocks each fit 128: the first is gone, at its end at least.
        let first = try await generate(pool, request(text(500, seed: 0)))
        #expect(first.tokens == expected[0].tokens && (first.summary?.cachedPromptTokens ?? 500) < 480)
        let last = try await generate(pool, request(text(500, seed: 4)))
        #expect(last.tokens == expected[4].tokens && last.summary?.cachedPromptTokens == 496)
        // A sequence that takes the whole cache drives out everything else.
        _ = try await generate(pool, request(text(1900, seed: 9), tokens: 140))
        let again = try await generate(pool, request(text(500, seed: 4)))
        #expect(again.tokens == expected[4].tokens && again.summary?.cachedPromptTokens == 0)
        for _ in 0..<200 where pool.status.models[0].usedBlocks > 0 { try await Task.sleep(for: .milliseconds(10)) }
        #expect(pool.status.models[0].usedBlocks == 0)
    }

    @Test("a worker that starts anew starts with an empty cache")
    func restart() async throws {
        let pool = try pool()
        defer { pool.stop() }
        let expected = try await generate(pool, request(text(100))).tokens
        #expect(try await generate(pool, request(text(100))).summary?.cachedPromptTokens == 96)
        let failing = try pool.submit(request([1, 2, 3], tokens: 2000), model: "tiny")
        pool.injectFailure("a test", model: "tiny", worker: 0)
        await #expect(throws: GenerationError.self) { try await Generation(failing) }
        let cold = try await generate(pool, request(text(100)))
        #expect(cold.summary?.cachedPromptTokens == 0 && cold.tokens == expected)
        #expect(try await generate(pool, request(text(100))).summary?.cachedPromptTokens == 96)
    }
}
