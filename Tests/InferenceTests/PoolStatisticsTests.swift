import Control
import Foundation
import Inference
import Testing

@Suite("What pools count", .enabled(if: TestModels.hasTiny, "needs the reference model llama3"))
struct PoolStatisticsTests: TinyPoolSuite {
    @Test("whoever hears of an end finds it counted: tokens, times and the way it ended")
    func ends() async throws {
        let pool = try tinyPool()
        defer { pool.stop() }
        let text = try await Generation(pool.submit(request(), model: "tiny")).text
        var counts = pool.statistics.models[0].statistics
        #expect(counts.ended == [.length: 1] && counts.promptTokens == 3 && counts.generatedTokens == 8)
        #expect(counts.timeToFirstToken.count == 1 && counts.timePerOutputToken.count == 7)
        #expect(counts.queueTime.count == 1 && counts.latency.count == 1)
        // Times add up: the first token and the seven after it are the whole.
        let parts = counts.timeToFirstToken.sum + counts.timePerOutputToken.sum
        #expect(counts.queueTime.sum <= counts.timeToFirstToken.sum && counts.latency.sum > 0)
        #expect(abs(parts - counts.latency.sum) < 1e-6)

        let stop = String(text.prefix(1))
        _ = try await Generation(pool.submit(request { $0.stop = [stop] }, model: "tiny"))
        counts = pool.statistics.models[0].statistics
        #expect(counts.ended == [.length: 1, .stop: 1])

        // A prompt that is only read has no tokens of its own.
        let before = counts.generatedTokens
        _ = try await Generation(pool.submit(request(tokens: 0), model: "tiny"))
        counts = pool.statistics.models[0].statistics
        #expect(counts.ended == [.length: 2, .stop: 1] && counts.generatedTokens == before && counts.timeToFirstToken.count == 2)
    }

    @Test("a sequence whose reader leaves counts as cancelled, with the tokens it had; one that never ran has no queue time")
    func cancelled() async throws {
        let pool = try tinyPool { $0.running = 1 }
        defer { pool.stop() }
        let running = try pool.submit(request(tokens: 2000), model: "tiny")
        var iterator = running.makeAsyncIterator()
        for _ in 0..<3 { _ = try await iterator.next() }
        let waiting = try pool.submit(request(tokens: 5), model: "tiny")
        waiting.cancel()
        for _ in 0..<500 where pool.statistics.models[0].statistics.ended[.cancelled] != 1 { try await Task.sleep(for: .milliseconds(10)) }
        #expect(pool.statistics.models[0].statistics.queueTime.count == 1)
        running.cancel()
        for _ in 0..<500 where pool.statistics.models[0].statistics.ended[.cancelled] != 2 { try await Task.sleep(for: .milliseconds(10)) }
        let counts = pool.statistics.models[0].statistics
        #expect(counts.ended == [.cancelled: 2] && counts.latency.count == 2 && counts.promptTokens == 3)
        #expect(counts.generatedTokens >= 3 && counts.timePerOutputToken.count == counts.generatedTokens - 1)
    }

    @Test("counts outlive a worker that fails, which is counted as well")
    func workerFails() async throws {
        let pool = try tinyPool()
        defer { pool.stop() }
        let prompt = (0..<40).map { Int32($0 + 3) }
        for _ in 0..<2 { _ = try await Generation(pool.submit(request(prompt), model: "tiny")) }
        let before = pool.statistics.models[0].statistics
        #expect(before.prefixQueries == 80 && before.prefixHits == 32 && before.workerFailures == 0)
        let stream = try pool.submit(request(tokens: 2000), model: "tiny")
        var iterator = stream.makeAsyncIterator()
        _ = try await iterator.next()
        pool.injectFailure("a test", model: "tiny", worker: 0)
        await #expect(throws: GenerationError.self) { while try await iterator.next() != nil {} }
        var after = pool.statistics.models[0].statistics
        #expect(after.ended == [.length: 2, .error: 1] && after.workerFailures == 1)
        #expect(after.promptTokens == 83 && after.prefixHits == 32 && after.generatedTokens > before.generatedTokens)
        // The new engine's cache is empty.
        _ = try await Generation(pool.submit(request(prompt), model: "tiny"))
        after = pool.statistics.models[0].statistics
        #expect(after.prefixQueries == 123 && after.prefixHits == 32)
        #expect(pool.status.models[0].promptTokens == 123 && pool.status.models[0].cachedPromptTokens == 32)
    }

    @Test("without a prefix cache nothing is looked for in it")
    func noCache() async throws {
        let pool = try tinyPool { $0.cachesPrefixes = false }
        defer { pool.stop() }
        _ = try await Generation(pool.submit(request(), model: "tiny"))
        let counts = pool.statistics.models[0].statistics
        #expect(counts.promptTokens == 3 && counts.prefixQueries == 0 && counts.prefixHits == 0)
    }

    @Test("steering counts by head: tokens, the steps taken, and the value gained in the head's own measure")
    func steering() async throws {
        let pool = try tinyPool()
        defer { pool.stop() }
        func steer(_ heads: [WeightedHead], _ change: (inout ControlSettings) -> Void = { _ in }) async throws -> ControlSummary {
            var settings = ControlSettings()
            (settings.steps, settings.stepSize) = (4, 0.1)
            change(&settings)
            let controller = try Controller(heads: heads, settings: settings, grams: GramCache())
            return try #require(try await Generation(pool.submit(request { $0.control = controller }, model: "tiny")).summary?.control)
        }
        _ = try await Generation(pool.submit(request(), model: "tiny"))
        #expect(pool.statistics.heads.isEmpty)
        let alone = try await steer([TinyHead.head()])
        var head = try #require(pool.statistics.heads["tiny"])
        #expect(head.tokens == 8 && head.steps == 32 && abs(head.seconds - alone.seconds) < 1e-9)
        #expect(head.valueGain.count == 1 && abs(head.valueGain.sum - Double(alone.valueAfter - alone.valueBefore)) < 1e-4)
        #expect(head.valueGain.sum > 0)

        // Downwards: the weighted value rises, so the head's own falls.
        let (before, down) = (head.valueGain.sum, try await steer([TinyHead.head(weight: -0.5)]))
        head = try #require(pool.statistics.heads["tiny"])
        #expect(abs(head.valueGain.sum - before + 2 * Double(down.valueAfter - down.valueBefore)) < 1e-4)

        // A mixture has no value of one head.
        let other = try TinyHead.head()
        let mixed = WeightedHead(valueFunction: other.valueFunction, weight: 0.5, name: "other", version: 1)
        let together = try await steer([other, mixed])
        let heads = pool.statistics.heads
        #expect(heads["tiny"]?.tokens == 24 && heads["other"]?.tokens == 8 && heads["other"]?.steps == 32)
        #expect(heads["tiny"]?.valueGain.count == 2 && heads["other"]?.valueGain.count == 0)
        #expect(abs((heads["other"]?.seconds ?? 0) - together.seconds / 2) < 1e-9)
        // Each token of a mixture counts once here.
        #expect(pool.statistics.models[0].statistics.controlledTokens == 24)

        // A target that is reached takes no steps.
        _ = try await steer([TinyHead.head()]) { $0.targetValue = -1000 }
        #expect(pool.statistics.heads["tiny"]?.tokens == 32 && pool.statistics.heads["tiny"]?.steps == 96)
    }
}
