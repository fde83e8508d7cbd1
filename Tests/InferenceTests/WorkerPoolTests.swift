import Control
import Foundation
import Inference
import Testing

@Suite("Worker pool", .enabled(if: TestModels.hasTiny, "needs ../shared/golden/models"))
struct WorkerPoolTests: TinyPoolSuite {
    @Test("a request that cannot run is refused with the reason")
    func refuses() throws {
        let pool = try tinyPool()
        defer { pool.stop() }
        let cases: [(PoolError, GenerationRequest, String)] = [
            (.unknownModel("other"), request(), "other"),
            (.emptyPrompt, request([]), "tiny"),
            (.tokenOutOfRange(384, vocabularySize: 384), request([1, 384]), "tiny"),
            (.tokenOutOfRange(-1, vocabularySize: 384), request([-1]), "tiny"),
            (.contextExceeded(promptTokens: 3, maximumTokens: 2046, contextLength: 2048), request(tokens: 2046), "tiny"),
            (.contextExceeded(promptTokens: 3, maximumTokens: .max, contextLength: 2048), request(tokens: .max), "tiny"),
        ]
        for (error, request, model) in cases {
            #expect(throws: error) { try pool.submit(request, model: model) }
        }
        #expect(throws: PoolError.self) { try pool.submit(request { $0.sampling.topP = 2 }, model: "tiny") }
    }

    @Test("greedy tokens are those that the model gives step by step, and usage counts them")
    func greedy() async throws {
        let pool = try tinyPool()
        defer { pool.stop() }
        let whole = try await Generation(pool.submit(request(tokens: 12), model: "tiny"))
        #expect(whole.ids.count == 12 && whole.summary?.finishReason == .length)
        #expect(whole.summary?.promptTokens == 3 && whole.summary?.completionTokens == 12 && whole.summary?.control == nil)
        var prompt: [Int32] = [5, 6, 7]
        for token in whole.ids {
            #expect(try await Generation(pool.submit(request(prompt, tokens: 1), model: "tiny")).ids == [token])
            prompt.append(token)
        }
    }

    @Test("the prompt's log-probabilities come in order, the first without a number, and agree with the generated tokens'")
    func promptLogprobs() async throws {
        let pool = try tinyPool { $0.stepTokens = 16 }
        defer { pool.stop() }
        let prompt = (0..<70).map { Int32($0 * 5 % 380) }
        let first = try await Generation(
            pool.submit(
                request(prompt, tokens: 6) {
                    $0.promptLogprobs = 3
                    $0.logprobs = 3
                },
                model: "tiny"
            )
        )
        #expect(first.promptLogprobs.map(\.token) == prompt)
        #expect(
            first.promptLogprobs[0].logprob == nil && first.promptLogprobs.dropFirst().allSatisfy { $0.logprob != nil && $0.top.count == 3 }
        )
        // What was generated, read again as a prompt, has the very log-probabilities that it was generated with.
        let again = try await Generation(
            pool.submit(request(prompt + first.ids, tokens: 0) { $0.promptLogprobs = 3 }, model: "tiny")
        )
        #expect(again.tokens.isEmpty && again.summary?.finishReason == .length)
        #expect(Array(again.promptLogprobs.prefix(prompt.count)) == first.promptLogprobs)
        #expect(Array(again.promptLogprobs.suffix(6)) == first.tokens.compactMap(\.logprobs))
        for entry in first.tokens.compactMap(\.logprobs) { #expect(entry.top.first?.logprob == entry.logprob) }
    }

    @Test("log-probabilities are those of the model's own distribution, whatever bias and penalties make of it")
    func logprobsBeforeBias() async throws {
        let pool = try tinyPool()
        defer { pool.stop() }
        let biased = try await Generation(
            pool.submit(
                request(tokens: 4) {
                    $0.logprobs = 2
                    $0.sampling.logitBias = [9: 100]
                    $0.sampling.frequencyPenalty = 1
                    $0.sampling.repetitionPenalty = 1.5
                },
                model: "tiny"
            )
        )
        #expect(biased.ids == [9, 9, 9, 9])
        let read = try await Generation(
            pool.submit(request([5, 6, 7] + biased.ids, tokens: 0) { $0.promptLogprobs = 2 }, model: "tiny")
        )
        #expect(Array(read.promptLogprobs.suffix(4)) == biased.tokens.compactMap(\.logprobs))
    }

    @Test("a request's tokens and log-probabilities have the same bits alone, among 16 others, with 1 and 2 threads and any step size")
    func batchInvariance() async throws {
        let settings = request((0..<50).map { Int32($0 * 3) }, tokens: 24) {
            $0.sampling.temperature = 1
            $0.sampling.seed = 42
            $0.logprobs = 2
            $0.promptLogprobs = 1
        }
        var expected: Generation?
        for (threads, stepTokens, others) in [(1, 256, 0), (2, 256, 0), (1, 20, 16), (2, 33, 16), (2, 256, 16)] {
            let pool = try tinyPool {
                $0.threads = threads
                $0.stepTokens = stepTokens
                $0.running = 17
            }
            let noise = try (0..<others).map { index in
                try pool.submit(
                    request((0..<(5 + 9 * index)).map { Int32($0 % 300) }, tokens: 40) { $0.sampling.temperature = 1 },
                    model: "tiny"
                )
            }
            let found = try await Generation(pool.submit(settings, model: "tiny"))
            for stream in noise { stream.cancel() }
            pool.stop()
            #expect(found.ids.count == 24)
            if let expected {
                #expect(found.tokens == expected.tokens && found.promptLogprobs == expected.promptLogprobs)
            } else {
                expected = found
            }
        }
    }

    @Test("sequences that do not fit the cache together take turns, and their tokens stay the same")
    func preemption() async throws {
        let model = try #require(try TestModels.tiny())
        // Room for one whole context of 2,048 tokens, and a little more, for six sequences of 700.
        let pool = TestModels.pool([ModelSpecification(model: model, keyValueBytes: 1)], PoolLimits(running: 8, threads: 2))
        defer { pool.stop() }
        let requests = (0..<6).map { index in
            request((0..<400).map { Int32(($0 * 7 + index) % 380) }, tokens: 300) { $0.promptLogprobs = 0 }
        }
        let together = try await withThrowingTaskGroup(of: (Int, Generation).self) { group in
            for (index, request) in requests.enumerated() {
                let stream = try pool.submit(request, model: "tiny")
                group.addTask { (index, try await Generation(stream)) }
            }
            return try await group.reduce(into: [Int: Generation]()) { $0[$1.0] = $1.1 }
        }
        for (index, request) in requests.enumerated() {
            let alone = try await Generation(pool.submit(request, model: "tiny"))
            #expect(together[index]?.ids == alone.ids)
            #expect(together[index]?.promptLogprobs == alone.promptLogprobs)
        }
        // The reader may hear of the end before the status does.
        for _ in 0..<200 where pool.status.models[0].usedBlocks > 0 { try await Task.sleep(for: .milliseconds(10)) }
        #expect(pool.status.models[0].usedBlocks == 0)
    }

    @Test("two models with two workers each answer at once, each with its own tokens")
    func twoModels() async throws {
        let models = [try #require(try TestModels.tiny(id: "one")), try #require(try TestModels.tiny(id: "two"))]
        let pool = TestModels.pool(models.map { ModelSpecification(model: $0, workers: 2) }, PoolLimits(threads: 4))
        defer { pool.stop() }
        #expect(pool.status.models.map(\.workers) == [2, 2])
        let expected = try await Generation(pool.submit(request(tokens: 20), model: "one")).ids
        let found = try await withThrowingTaskGroup(of: [Int32].self) { group in
            for index in 0..<24 {
                let stream = try pool.submit(request(tokens: 20), model: index % 2 == 0 ? "one" : "two")
                group.addTask { try await Generation(stream).ids }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(found.count == 24 && found.allSatisfy { $0 == expected })
    }

    @Test("more than the queue holds is refused with a time to come back")
    func queueBound() throws {
        let pool = try tinyPool {
            $0.running = 2
            $0.queued = 3
        }
        defer { pool.stop() }
        let held = try (0..<5).map { _ in try pool.submit(request(tokens: 2000), model: "tiny") }
        let error = #expect(throws: PoolError.self) { try pool.submit(request(tokens: 2000), model: "tiny") }
        guard case .queueFull(let seconds) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect((1...60).contains(seconds))
        for stream in held { stream.cancel() }
    }

    @Test("a generation whose reader leaves ends at once, and its blocks are free")
    func cancels() async throws {
        let pool = try tinyPool()
        defer { pool.stop() }
        do {
            var iterator = try pool.submit(request(tokens: 2000), model: "tiny").makeAsyncIterator()
            _ = try await iterator.next()
        }
        let reading = Task { try await Generation(pool.submit(request(tokens: 2000), model: "tiny")) }
        try await Task.sleep(for: .milliseconds(50))
        reading.cancel()
        await #expect(throws: CancellationError.self) { try await reading.value }
        for _ in 0..<200 where pool.status.models[0].running > 0 { try await Task.sleep(for: .milliseconds(10)) }
        #expect(pool.status.models[0].running == 0 && pool.status.models[0].usedBlocks == 0)
    }

    @Test("a reader that takes nothing is given up, and others go on meanwhile")
    func slowReader() async throws {
        let pool = try tinyPool {
            $0.queuedEvents = 8
            $0.readerTimeout = .milliseconds(300)
        }
        defer { pool.stop() }
        let slow = try pool.submit(request(tokens: 500), model: "tiny")
        try await Task.sleep(for: .milliseconds(100))
        #expect(try await Generation(pool.submit(request(tokens: 50), model: "tiny")).ids.count == 50)
        try await Task.sleep(for: .milliseconds(600))
        var (count, failure): (Int, GenerationError?) = (0, nil)
        do {
            for try await _ in slow { count += 1 }
        } catch let error as GenerationError {
            failure = error
        }
        #expect(failure == .readerTooSlow && count <= 8)
    }

    @Test("a slow reader within the time-out loses nothing")
    func patientReader() async throws {
        let pool = try tinyPool { $0.queuedEvents = 4 }
        defer { pool.stop() }
        let expected = try await Generation(pool.submit(request(tokens: 40), model: "tiny")).ids
        var found: [Int32] = []
        for try await event in try pool.submit(request(tokens: 40), model: "tiny") {
            if case .token(let token) = event { found.append(token.id) }
            try await Task.sleep(for: .milliseconds(5))
        }
        #expect(found == expected)
    }

    @Test("a worker that fails ends its requests with an error, starts anew and serves again")
    func workerFails() async throws {
        let pool = try tinyPool()
        defer { pool.stop() }
        let stream = try pool.submit(request(tokens: 2000), model: "tiny")
        var iterator = stream.makeAsyncIterator()
        _ = try await iterator.next()
        pool.injectFailure("a test", model: "tiny", worker: 0)
        await #expect(throws: GenerationError.workerFailed(model: "tiny", reason: "a test")) {
            while try await iterator.next() != nil {}
        }
        #expect(try await Generation(pool.submit(request(tokens: 5), model: "tiny")).ids.count == 5)
        #expect(pool.status.isReady && pool.status.models[0].up == 1)
    }

    @Test("a pool that is about to drain says so, and still takes what is on its way")
    func beginsDraining() async throws {
        let pool = try tinyPool()
        defer { pool.stop() }
        pool.beginDraining()
        #expect(!pool.status.isReady && pool.status.isDraining)
        #expect(try await Generation(pool.submit(request(tokens: 5), model: "tiny")).ids.count == 5)
    }

    @Test("draining lets what runs finish and takes no more; what runs too long is stopped")
    func drains() async throws {
        let pool = try tinyPool()
        defer { pool.stop() }
        let stream = try pool.submit(request(tokens: 50), model: "tiny")
        let reading = Task { try await Generation(stream).ids.count }
        await pool.drain(timeout: .seconds(20))
        #expect(try await reading.value == 50)
        #expect(throws: PoolError.draining) { try pool.submit(request(), model: "tiny") }
        #expect(!pool.status.isReady && pool.status.isDraining)

        let other = try tinyPool()
        defer { other.stop() }
        let long = try other.submit(request(tokens: 2000), model: "tiny")
        let failing = Task { try await Generation(long) }
        await other.drain(timeout: .milliseconds(20))
        // Whoever closes connections next cuts off nobody's error.
        #expect(other.status.models.allSatisfy { $0.running + $0.queued == 0 })
        await #expect(throws: GenerationError.stopped) { try await failing.value }
    }

    @Test("a head that leaves the finite numbers ends its own request with an error, and no other")
    func notFinite() async throws {
        let pool = try tinyPool()
        defer { pool.stop() }
        let heads = [try TinyHead.head(weight: 3e38)]
        var settings = ControlSettings()
        settings.stepSize = 1000
        let controller = try Controller(heads: heads, settings: settings, grams: GramCache())
        async let plain = Generation(pool.submit(request(tokens: 30), model: "tiny"))
        let error = await #expect(throws: GenerationError.self) {
            try await Generation(pool.submit(request { $0.control = controller }, model: "tiny"))
        }
        guard case .controlNotFinite(let names, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(names == ["'tiny@1'"])
        #expect(try await plain.ids.count == 30)
    }

    @Test("a head of another width is refused")
    func otherWidth() throws {
        let pool = try tinyPool()
        defer { pool.stop() }
        let controller = try Sentiment.controller()
        #expect(throws: PoolError.controlSize(found: 576, expected: 64)) {
            try pool.submit(request { $0.control = controller }, model: "tiny")
        }
    }
}
