import Inference
import Testing

@Suite("Routing by prefix", .enabled(if: TestModels.hasTiny, "needs the reference model llama3"))
struct PrefixRoutingTests {
    private func request(_ prompt: [Int32], tokens: Int) -> GenerationRequest {
        var request = GenerationRequest(prompt: prompt, maximumTokens: tokens)
        request.sampling.temperature = 0
        request.ignoresEndOfSequence = true
        return request
    }

    private func text(_ seed: Int) -> [Int32] {
        (0..<100).map { Int32(($0 * seed + seed) % 380) }
    }

    private func waitUntilIdle(_ pool: WorkerPool) async throws {
        for _ in 0..<1000 where pool.status.models[0].running + pool.status.models[0].queued > 0 {
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    @Test("a request goes to the worker that holds its beginning, unless that one is busier by more than the margin")
    func routes() async throws {
        var limits = PoolLimits(running: 8, threads: 2)
        limits.prefixMargin = 1
        limits.queuedEvents = 4096
        let pool = TestModels.pool([ModelSpecification(model: try #require(try TestModels.tiny()), workers: 2)], limits)
        defer { pool.stop() }
        func cached(_ prompt: [Int32]) async throws -> Int? {
            try await Generation(pool.submit(request(prompt, tokens: 2), model: "tiny")).summary?.cachedPromptTokens
        }
        // The first worker is busy, so the second one reads the text.
        let busy = try pool.submit(request([1, 2, 3], tokens: 2000), model: "tiny")
        #expect(try await cached(text(7)) == 0)
        busy.cancel()
        try await waitUntilIdle(pool)
        // Both have nothing to do: by load alone the first would get each of these.
        for turn in 1...3 { #expect(try await cached(text(7) + [Int32(turn)]) == 96) }
        try await waitUntilIdle(pool)
        // Two more than the other has is beyond the margin.
        let held = try (0..<2).map { try pool.submit(request(text(7) + [Int32(10 + $0)], tokens: 1900), model: "tiny") }
        #expect(try await cached(text(7) + [20]) == 0)
        for stream in held { stream.cancel() }
        try await waitUntilIdle(pool)
        // Now both hold it.
        #expect(try await cached(text(7) + [30]) == 96)
    }

    @Test("what a worker holds follows its cache, and counts from the start of a prompt only")
    func view() {
        let prefixes = CachedPrefixes()
        var changes = PrefixChanges()
        for key: UInt64 in [1, 2, 4] { changes.add(key) }
        prefixes.apply(changes)
        #expect(prefixes.heldCount([1, 2, 3, 4]) == 2 && prefixes.heldCount([3, 1]) == 0 && prefixes.heldCount([3]) == 0)
        changes = PrefixChanges()
        changes.remove(2)
        changes.add(9)
        changes.remove(9)
        prefixes.apply(changes)
        #expect(prefixes.heldCount([1, 2]) == 1 && prefixes.heldCount([9]) == 0)
        prefixes.note([1, 2, 3])
        #expect(prefixes.heldCount([1, 2, 5]) == 2)
        prefixes.removeAll()
        #expect(prefixes.heldCount([1, 2, 3]) == 0)
    }
}
