import Compute
import Foundation
import Inference
import TestSupport
import Testing

/// Times that only a quiet machine keeps to: run where RUDDER_TEST_TIMING is set.
@Suite(
    "Latency",
    .enabled(
        if: GoldenFiles.model != nil && ProcessInfo.processInfo.environment["RUDDER_TEST_TIMING"] != nil,
        "needs the default model and RUDDER_TEST_TIMING"
    )
)
struct LatencyTests {
    private func request(_ prompt: [Int32], tokens: Int) -> GenerationRequest {
        var request = GenerationRequest(prompt: prompt, maximumTokens: tokens)
        request.sampling.seed = 1
        request.ignoresEndOfSequence = true
        return request
    }

    private func text(_ count: Int, seed: Int = 1) -> [Int32] {
        (0..<count).map { Int32(($0 * $0 * 7 + seed * $0 + seed) % 40_000) }
    }

    private func pool(_ change: (inout PoolLimits) -> Void = { _ in }) throws -> WorkerPool {
        var limits = PoolLimits(threads: 2)
        limits.queuedEvents = 8192
        change(&limits)
        return TestModels.pool([ModelSpecification(model: try #require(try TestModels.smolLM2()))], limits)
    }

    private func percentile(_ share: Double, _ times: [Double]) -> Double {
        times.isEmpty ? 0 : times.sorted()[Int(Double(times.count - 1) * share)]
    }

    private func seconds(_ duration: Duration) -> Double {
        duration / .seconds(1)
    }

    @Test("a shared prompt of 500 tokens is read once")
    func firstToken() async throws {
        let pool = try pool()
        defer { pool.stop() }
        _ = try await Generation(pool.submit(request([1, 2, 3], tokens: 8), model: "smollm2"))
        func time(_ prompt: [Int32]) async throws -> Double {
            let start = ContinuousClock.now
            _ = try await Generation(pool.submit(request(prompt, tokens: 1), model: "smollm2"))
            return seconds(ContinuousClock.now - start)
        }
        var (cold, warm) = ([Double](), [Double]())
        for turn in 1...5 {
            cold.append(try await time(text(500, seed: 100 * turn) + text(20, seed: 7)))
            warm.append(try await time(text(500, seed: 100 * turn) + text(20, seed: 9)))
        }
        print("time to first token, 500 shared + 20 own: cold \(percentile(0.5, cold)) s, warm \(percentile(0.5, warm)) s")
        #expect(percentile(0.5, warm) < percentile(0.5, cold) / 4)
    }

    @Test("while a prompt of 4,000 tokens comes in, streams go on at a third of their pace at least", arguments: [1, 4])
    func interTokenTime(streams: Int) async throws {
        let pool = try pool()
        defer { pool.stop() }
        let model = try #require(try TestModels.smolLM2())
        let length = min(4000, model.contextLength - 10)
        let readers = try (0..<streams).map { index in
            let stream = try pool.submit(request(text(20, seed: index), tokens: model.contextLength - 20), model: "smollm2")
            return Task {
                var times: [ContinuousClock.Instant] = []
                do { for try await event in stream { if case .token = event { times.append(.now) } } } catch {}
                return times
            }
        }
        try await Task.sleep(for: .seconds(4))
        let start = ContinuousClock.now
        _ = try await Generation(pool.submit(request(text(length, seed: 77), tokens: 1), model: "smollm2"))
        let end = ContinuousClock.now
        try await Task.sleep(for: .seconds(4))
        pool.stop()
        var (plain, during) = ([Double](), [Double]())
        for reader in readers {
            let times = await reader.value
            for (before, after) in zip(times, times.dropFirst()) {
                // Between the two, the machine may have changed: undisturbed is what was just before and just after.
                if after < start && before > start - .seconds(3) || before > end && before < end + .seconds(3) {
                    plain.append(seconds(after - before))
                } else if before >= start, after <= end {
                    during.append(seconds(after - before))
                }
            }
        }
        func milliseconds(_ value: Double) -> String { String(format: "%.1f ms", 1000 * value) }
        print(
            "\(streams) streams, \(length) tokens of prompt in \(String(format: "%.1f", seconds(end - start))) s:",
            "inter-token undisturbed p50 \(milliseconds(percentile(0.5, plain))) p95 \(milliseconds(percentile(0.95, plain))),",
            "during p50 \(milliseconds(percentile(0.5, during))) p95 \(milliseconds(percentile(0.95, during))),",
            "p95 ratio \(percentile(0.95, during) / percentile(0.95, plain)), tokens during \(during.count / streams)"
        )
        #expect(percentile(0.95, during) < 3 * percentile(0.95, plain))
        #expect(Double(during.count / streams) > 0)
    }

    @Test("a token is drawn from a vocabulary of 49,152 within two milliseconds")
    func sampling() {
        let row = FloatMatrix(rows: 1, columns: 49_152)
        var generator = SystemRandomNumberGenerator()
        let logits = (0..<49_152).map { _ in Float.random(in: -12...4, using: &generator) }
        for (name, change) in [
            ("greedy", { $0.temperature = 0 }), ("temperature 1", { _ in }), ("top_p 0.9", { $0.topP = 0.9 }),
            ("top_k 40", { $0.topK = 40 }), ("min_p 0.05", { $0.minP = 0.05 }),
        ] as [(String, (inout SamplingParameters) -> Void)] {
            var parameters = SamplingParameters()
            parameters.seed = 1
            change(&parameters)
            var sampler = Sampler(parameters: parameters, prompt: [])
            let workspace = SamplerWorkspace()
            row.setRow(0, to: logits)
            var best = Double.infinity
            for _ in 0..<50 {
                let start = ContinuousClock.now
                _ = row.withMutableRow(0) { logits in
                    sampler.sample(&logits, likeliest: FloatKernels.largest(logits.span)?.index ?? 0, workspace: workspace)
                }
                best = min(best, seconds(ContinuousClock.now - start))
            }
            print("sampling, \(name): \(String(format: "%.0f", best * 1e6)) µs a token")
            #expect(best < 2e-3, "\(name)")
        }
    }
}
