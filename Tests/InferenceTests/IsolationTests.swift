import Control
import Inference
import TestSupport
import Testing

/// What one request's trouble does to others: nothing.
@Suite("Isolation of requests", .enabled(if: TestModels.hasTiny, "needs the reference model llama3"))
struct IsolationTests {
    private func request(_ prompt: [Int32], tokens: Int, _ change: (inout GenerationRequest) -> Void = { _ in }) -> GenerationRequest {
        var request = GenerationRequest(prompt: prompt, maximumTokens: tokens)
        request.sampling.temperature = 0
        request.ignoresEndOfSequence = true
        change(&request)
        return request
    }

    private func tiny() throws -> LoadedModel {
        try #require(try TestModels.tiny())
    }

    @Test("a state that is no number fails its own request, not those beside it, nor those that get its blocks")
    func poison() async throws {
        let sound = TestModels.pool([ModelSpecification(model: try tiny())])
        defer { sound.stop() }
        let expected = try await Generation(sound.submit(request([5, 6, 7], tokens: 60), model: "tiny")).ids
        try #require(!expected.contains(300))
        let damaged = try DamagedModel(tiny(), tensor: "token_embd.weight", index: 300 * 64)
        let pool = TestModels.pool([ModelSpecification(model: damaged.model)])
        defer { pool.stop() }
        for change: (inout GenerationRequest) -> Void in [{ _ in }, { $0.promptLogprobs = 1 }, { $0.logprobs = 1 }] {
            let beside = try pool.submit(request([5, 6, 7], tokens: 60), model: "damaged")
            let error = await #expect(throws: GenerationError.self) {
                try await Generation(pool.submit(request([1, 2, 300, 4, 5], tokens: 5, change), model: "damaged"))
            }
            guard case .modelNotFinite(let position) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect((2...4).contains(position))
            #expect(try await Generation(beside).ids == expected)
            #expect(try await Generation(pool.submit(request([5, 6, 7], tokens: 60), model: "damaged")).ids == expected)
        }
        #expect(pool.status.isReady)
    }

    @Test(
        "a state that is no number is not hidden by a quantized output matrix, and control is not blamed for it",
        .enabled(if: GoldenFiles.model != nil, "needs the default model: make model")
    )
    func quantizedOutput() async throws {
        let damaged = try DamagedModel(try #require(try TestModels.smolLM2()), tensor: "output_norm.weight", index: 0)
        let pool = TestModels.pool([ModelSpecification(model: damaged.model)])
        defer { pool.stop() }
        for control in [nil, try Sentiment.controller { $0.trace = true }] {
            await #expect(throws: GenerationError.modelNotFinite(position: 2)) {
                try await Generation(pool.submit(request([5, 6, 7], tokens: 5) { $0.control = control }, model: "damaged"))
            }
        }
    }

    @Test("while a long prompt comes in, a sequence that decodes gets a token at every step")
    func noStarvation() async throws {
        var limits = PoolLimits(running: 2, threads: 1)
        limits.stepTokens = 2
        limits.queuedEvents = 4096
        let pool = TestModels.pool([ModelSpecification(model: try tiny())], limits)
        defer { pool.stop() }
        var decoding = try pool.submit(request([5, 6, 7], tokens: 2000), model: "tiny").makeAsyncIterator()
        _ = try await decoding.next()
        // 1,800 tokens, one a step beside one decode: each of the steps sent a token before the end of the long prompt.
        _ = try await Generation(pool.submit(request((0..<1800).map { Int32($0 % 300) }, tokens: 1), model: "tiny"))
        pool.stop()
        var count = 1
        do { while try await decoding.next() != nil { count += 1 } } catch GenerationError.stopped {}
        #expect(count >= 1800)
    }

    @Test("a reader that has stopped reading does not keep the cache from others, and loses nothing when it reads again")
    func stalledBlocks() async throws {
        // Blocks for one context of 2,048 tokens.
        let specification = ModelSpecification(model: try tiny(), keyValueBytes: 1)
        var limits = PoolLimits(threads: 2)
        limits.queuedEvents = 4
        limits.readerTimeout = .seconds(600)
        let pool = TestModels.pool([specification], limits)
        defer { pool.stop() }
        let first = request((0..<1000).map { Int32($0 % 300) }, tokens: 40)
        let alone = try await Generation(pool.submit(first, model: "tiny")).ids
        let stalled = try pool.submit(first, model: "tiny")
        // It holds half of the cache by the time that its queue is full.
        for _ in 0..<1000 where pool.status.models[0].usedBlocks < 63 { try await Task.sleep(for: .milliseconds(10)) }
        // One that grows into the other half and beyond, and one that does not fit beside the first at all.
        #expect(try await Generation(pool.submit(request([1, 2, 3], tokens: 1500), model: "tiny")).ids.count == 1500)
        #expect(
            try await Generation(pool.submit(request((0..<1900).map { Int32($0 % 290) }, tokens: 3), model: "tiny")).ids.count == 3
        )
        #expect(try await Generation(stalled).ids == alone)
    }

    @Test("a request goes to the worker that has less to do")
    func spreads() throws {
        let pool = TestModels.pool([ModelSpecification(model: try tiny(), workers: 2)], PoolLimits(running: 1, queued: 0, threads: 2))
        defer { pool.stop() }
        // Nothing may wait: the second is only taken if the other worker gets it.
        let held = try (0..<2).map { _ in try pool.submit(request([5, 6, 7], tokens: 2000), model: "tiny") }
        #expect(throws: PoolError.self) { try pool.submit(request([5, 6, 7], tokens: 1), model: "tiny") }
        for stream in held { stream.cancel() }
    }

    @Test("a client that asks again as soon as it is told of a failure is served", .timeLimit(.minutes(2)))
    func asksAgain() async throws {
        let pool = TestModels.pool([ModelSpecification(model: try tiny())])
        defer { pool.stop() }
        for _ in 0..<20 {
            var failing = try pool.submit(request([5, 6, 7], tokens: 2000), model: "tiny").makeAsyncIterator()
            _ = try await failing.next()
            pool.injectFailure("a test", model: "tiny", worker: 0)
            await #expect(throws: GenerationError.workerFailed(model: "tiny", reason: "a test")) {
                while try await failing.next() != nil {}
            }
            #expect(try await Generation(pool.submit(request([5, 6, 7], tokens: 2), model: "tiny")).ids.count == 2)
        }
    }

    @Test("clients that leave at any moment leave no block behind")
    func leavers() async throws {
        let pool = TestModels.pool([ModelSpecification(model: try tiny())], PoolLimits(running: 4, queued: 2000, threads: 1))
        defer { pool.stop() }
        // Many wait, so that looking through them takes the engine a while; those that run leave meanwhile.
        let streams = try (0..<1500).map { try pool.submit(request([5, 6, Int32($0 % 300)], tokens: 2000), model: "tiny") }
        for (index, stream) in streams.enumerated() {
            stream.cancel()
            if index < 1000 { try await Task.sleep(for: .microseconds(50 + index * 37 % 200)) }
        }
        for _ in 0..<500 where pool.status.models[0].running + pool.status.models[0].queued > 0 {
            try await Task.sleep(for: .milliseconds(10))
        }
        #expect(pool.status.models[0].usedBlocks == 0)
    }

    @Test("a drain whose task is cancelled ends what runs, and returns", .timeLimit(.minutes(1)))
    func cancelledDrain() async throws {
        let pool = TestModels.pool([ModelSpecification(model: try tiny())])
        defer { pool.stop() }
        let stream = try pool.submit(request([5, 6, 7], tokens: 2000), model: "tiny")
        let draining = Task { await pool.drain(timeout: .seconds(600)) }
        draining.cancel()
        await draining.value
        await #expect(throws: GenerationError.stopped) { try await Generation(stream) }
    }

    @Test("a second reader of a stream at the same time gets no events, and the first loses none")
    func secondReader() async throws {
        let pool = TestModels.pool([ModelSpecification(model: try tiny())])
        defer { pool.stop() }
        let stream = try pool.submit(request([5, 6, 7], tokens: 30), model: "tiny")
        async let one = Self.count(stream)
        async let other = Self.count(stream)
        // However they interleave, every event reaches one of them, and both end.
        #expect(await one + other == 31)
    }

    private static func count(_ stream: GenerationStream) async -> Int {
        var count = 0
        do { for try await _ in stream { count += 1 } } catch {}
        return count
    }
}
