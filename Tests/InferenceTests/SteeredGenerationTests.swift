import Control
import Foundation
import Inference
import TestSupport
import Testing

@Suite("Steered generation", .enabled(if: TestModels.hasTiny, "needs ../shared/golden/models"))
struct SteeredGenerationTests {
    private func controller(_ change: (inout ControlSettings) -> Void) throws -> Controller {
        var settings = ControlSettings()
        change(&settings)
        return try Controller(heads: [TinyHead.head()], settings: settings, grams: GramCache())
    }

    private func generate(_ controller: Controller?, tokens: Int = 20, _ change: (inout GenerationRequest) -> Void = { _ in }) async throws
        -> Generation
    {
        let pool = TestModels.pool([ModelSpecification(model: try #require(try TestModels.tiny()))])
        defer { pool.stop() }
        var request = GenerationRequest(prompt: [5, 6, 7], maximumTokens: tokens)
        request.sampling.temperature = 0
        request.ignoresEndOfSequence = true
        request.control = controller
        change(&request)
        return try await Generation(pool.submit(request, model: "tiny"))
    }

    @Test("no steps give the plain tokens, and a report that says so")
    func noSteps() async throws {
        let plain = try await generate(nil)
        let steered = try await generate(try controller { $0.steps = 0 })
        #expect(steered.ids == plain.ids)
        let summary = try #require(steered.summary?.control)
        #expect(summary.tokens == 20 && summary.norm == 0 && summary.valueBefore == summary.valueAfter && summary.kl == nil)
    }

    @Test("steering raises the value; a trace tells every token's, with its divergence")
    func traces() async throws {
        let steered = try await generate(
            try controller {
                $0.trace = true
                $0.stepSize = 5
            }
        )
        let trace = steered.tokens.compactMap(\.control)
        #expect(trace.count == 20)
        #expect(trace.allSatisfy { $0.valueAfter > $0.valueBefore && $0.norm > 0 && ($0.kl ?? -1) > 0 })
        let summary = try #require(steered.summary?.control)
        func mean(_ value: (TokenControl) -> Float) -> Float { trace.map(value).reduce(0, +) / 20 }
        #expect(abs(summary.valueAfter - mean(\.valueAfter)) < 1e-4 && abs(summary.norm - mean(\.norm)) < 1e-4)
        #expect(abs((summary.kl ?? -1) - mean { $0.kl ?? 0 }) < 1e-4)
        #expect(summary.seconds > 0)
        let untraced = try await generate(try controller { $0.stepSize = 5 })
        #expect(untraced.ids == steered.ids && untraced.tokens.allSatisfy { $0.control == nil } && untraced.summary?.control?.kl == nil)
    }

    @Test("a budget bounds every token's divergence; a budget of zero gives the plain tokens", arguments: [0, 0.01, 0.5] as [Float])
    func budget(nats: Float) async throws {
        let free = try await generate(
            try controller {
                $0.trace = true
                $0.stepSize = 20
            }
        )
        let bounded = try await generate(
            try controller {
                $0.trace = true
                $0.stepSize = 20
                $0.klBudget = nats
            }
        )
        let trace = bounded.tokens.compactMap(\.control)
        #expect(trace.allSatisfy { ($0.kl ?? .infinity) <= nats && $0.valueAfter >= $0.valueBefore - 1e-4 })
        #expect(free.tokens.compactMap { $0.control?.kl }.contains { $0 > 0.5 })
        if nats == 0 {
            #expect(try await generate(nil).ids == bounded.ids)
            #expect(trace.allSatisfy { $0.norm == 0 && abs($0.valueAfter - $0.valueBefore) < 1e-5 })
        }
    }

    @Test("a steered request has the same tokens among plain and steered others, with 1 and 2 threads")
    func invariance() async throws {
        let chosen = try controller {
            $0.trace = true
            $0.stepSize = 5
            $0.klBudget = 1
        }
        let others = try controller { $0.stepSize = 3 }
        var expected: [GeneratedToken]?
        for (threads, count) in [(1, 0), (2, 0), (1, 16), (2, 16)] {
            let pool = TestModels.pool(
                [ModelSpecification(model: try #require(try TestModels.tiny()))],
                PoolLimits(running: 17, threads: threads)
            )
            let noise = try (0..<count).map { index in
                var request = GenerationRequest(prompt: [Int32](repeating: Int32(index), count: 3 + index), maximumTokens: 60)
                request.control = index % 2 == 0 ? others : nil
                return try pool.submit(request, model: "tiny")
            }
            var request = GenerationRequest(prompt: [9, 8, 7], maximumTokens: 20)
            request.sampling.seed = 3
            request.ignoresEndOfSequence = true
            request.control = chosen
            let found = try await Generation(pool.submit(request, model: "tiny")).tokens
            for stream in noise { stream.cancel() }
            pool.stop()
            #expect(expected == nil || found == expected)
            expected = found
        }
    }

    @Test(
        "a stop text that spans tokens ends the answer before it",
        .enabled(if: GoldenFiles.model != nil, "needs the default model: make model")
    )
    func stopTexts() async throws {
        let model = try #require(try TestModels.smolLM2())
        let pool = TestModels.pool([ModelSpecification(model: model)])
        defer { pool.stop() }
        var request = GenerationRequest(
            prompt: model.tokenizer.encode("Once upon a time", parseSpecial: true, addBeginning: true),
            maximumTokens: 40
        )
        request.sampling.temperature = 0
        let whole = try await Generation(pool.submit(request, model: "smollm2")).text
        let words = whole.split(separator: " ")
        // The end of one word and the beginning of the next.
        let stop = "\(words[5].suffix(2)) \(words[6].prefix(2))"
        request.stop = ["never in there", stop]
        let stopped = try await Generation(pool.submit(request, model: "smollm2"))
        #expect(stopped.summary?.finishReason == .stop && stopped.summary?.stopText == stop)
        #expect(whole.hasPrefix(stopped.text + stop) && !stopped.text.contains(stop))
    }
}
