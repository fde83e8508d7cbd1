import Control
import Foundation
import Inference
import ModelFiles
import Synchronization
import TestSupport
import Testing

/// Control of the residual stream between two blocks.
@Suite("Steering between blocks", .enabled(if: TestModels.hasTiny, "needs ../shared/golden/models"))
struct LayerSteeringTests {
    /// One generation, computed plainly, the whole text anew for every token: see `Tests/Golden/layers/make.py`.
    struct GoldenCase: Decodable, CustomTestStringConvertible {
        struct Token: Decodable {
            let token: Int32
            let logprob: Float
            let state: [Float]
            /// The state behind the last block.
            let last: [Float]
            let valueBefore: Float
            let valueAfter: Float
            let norm: Float

            private enum CodingKeys: String, CodingKey {
                case token, logprob, state, last, norm
                case valueBefore = "value_before"
                case valueAfter = "value_after"
            }
        }

        let file: String
        /// The SHA-256 of the model that it was computed with.
        let model: String
        let layer: Int
        let steps: Int
        let stepSize: Float
        let prompt: [Int32]
        let tokens: [Token]

        private enum CodingKeys: String, CodingKey {
            case file, model, layer, steps, prompt, tokens
            case stepSize = "step_size"
        }

        var testDescription: String { "layer.\(layer)" }

        static let all = (try? GoldenFiles.json("layers/cases.json", as: [String: [GoldenCase]].self)?["cases"]) ?? []

        /// Whether the small model is the one that the cases were computed with.
        static let fitModel: Bool = {
            guard let url = GoldenFiles.url("models/llama3/model.gguf"), let found = try? SHA256Digest.ofFiles(paths: [url.path]) else {
                return false
            }
            return all.allSatisfy { $0.model == found.hex }
        }()

        func controller() throws -> Controller {
            let url = try #require(GoldenFiles.url("layers/\(file)"))
            let head = try ValueFunction(file: SafetensorsFile(path: url.path))
            var settings = ControlSettings()
            (settings.steps, settings.stepSize, settings.trace) = (steps, stepSize, true)
            let weighted = WeightedHead(valueFunction: head, weight: 1, name: "golden", version: 1)
            return try Controller(heads: [weighted], settings: settings, grams: GramCache())
        }
    }

    /// Counts in one task what another one looks at.
    private final class Count: Sendable {
        private let count = Atomic(0)

        var value: Int { count.load(ordering: .relaxed) }

        func add() {
            count.add(1, ordering: .relaxed)
        }
    }

    private func controller(site: String, _ change: (inout ControlSettings) -> Void = { _ in }) throws -> Controller {
        var settings = ControlSettings()
        (settings.steps, settings.stepSize) = (10, 0.5)
        change(&settings)
        return try Controller(heads: [TinyHead.head(site: site)], settings: settings, grams: GramCache())
    }

    private func request(_ prompt: [Int32], tokens: Int, _ control: Controller?) -> GenerationRequest {
        var request = GenerationRequest(prompt: prompt, maximumTokens: tokens)
        request.sampling.temperature = 0
        request.ignoresEndOfSequence = true
        request.logprobs = 0
        request.control = control
        return request
    }

    private func pool(_ limits: PoolLimits = PoolLimits(threads: 2), keyValueBytes: Int? = nil) throws -> WorkerPool {
        TestModels.pool([ModelSpecification(model: try #require(try TestModels.tiny()), keyValueBytes: keyValueBytes)], limits)
    }

    private func text(_ count: Int, seed: Int) -> [Int32] {
        (0..<count).map { Int32(($0 * $0 + seed * $0 + seed) % 380) }
    }

    @Test("there are reference cases of every block")
    func cases() {
        #expect(Set(GoldenCase.all.map(\.layer)) == [0, 1, 2])
    }

    @Test(
        "tokens, values, norms, the moved states and those behind are those of a plain computation",
        .enabled(if: GoldenCase.fitModel, "needs the models/llama3 that layers/cases.json was computed with"),
        arguments: GoldenCase.all
    )
    func golden(_ golden: GoldenCase) async throws {
        let pool = try pool()
        defer { pool.stop() }
        var request = request(golden.prompt, tokens: golden.tokens.count, try golden.controller())
        request.reportsStates = true
        request.stateSite = .layer(golden.layer)
        let found = try await Generation(pool.submit(request, model: "tiny"))
        #expect(found.ids == golden.tokens.map(\.token))
        for (found, expected) in zip(found.tokens, golden.tokens) {
            let control = try #require(found.control)
            #expect(abs(control.valueBefore - expected.valueBefore) < 0.01 && abs(control.valueAfter - expected.valueAfter) < 0.01)
            #expect(abs(control.norm - expected.norm) < 0.005 && control.kl == nil)
            #expect(abs((found.logprobs?.logprob ?? 0) - expected.logprob) < 0.01)
            try check(found.state, expected.state)
        }
        request.stateSite = .layer(2)
        let behind = try await Generation(pool.submit(request, model: "tiny"))
        for (found, expected) in zip(behind.tokens, golden.tokens) { try check(found.state, expected.last) }
    }

    private func check(_ state: HiddenState?, _ expected: [Float]) throws {
        let found = try #require(state).halves.map { Float(Float16(bitPattern: $0)) }
        let largest = expected.map(abs).max() ?? 0
        #expect(found.count == expected.count && zip(found, expected).allSatisfy { abs($0 - $1) < 1e-2 * largest })
    }

    @Test("a sequence that gave up its blocks is computed anew with every state moved as before")
    func preemption() async throws {
        let control = try controller(site: "layer.1")
        let requests = (0..<3).map { request(text(400, seed: $0), tokens: 500, control) }
        var expected: [[GeneratedToken]] = []
        for request in requests {
            let pool = try pool()
            defer { pool.stop() }
            expected.append(try await Generation(pool.submit(request, model: "tiny")).tokens)
        }
        // Room for one context of 2,048 tokens, where 2,700 are wanted.
        let tight = try pool(keyValueBytes: 1)
        defer { tight.stop() }
        #expect(tight.status.models[0].blocks == 128)
        let found = try await withThrowingTaskGroup(of: (Int, [GeneratedToken]).self) { group in
            for (index, request) in requests.enumerated() {
                let stream = try tight.submit(request, model: "tiny")
                group.addTask { (index, try await Generation(stream).tokens) }
            }
            return try await group.reduce(into: [Int: [GeneratedToken]]()) { $0[$1.0] = $1.1 }
        }
        for (index, tokens) in expected.enumerated() { #expect(found[index] == tokens) }
    }

    @Test("a sequence that is computed anew does not take the blocks that a plain one has of the same tokens")
    func preemptionBesidePlain() async throws {
        let steered = request(text(400, seed: 5), tokens: 1200, try controller(site: "layer.1"))
        let alone = try pool()
        defer { alone.stop() }
        let expected = try await Generation(alone.submit(steered, model: "tiny"))
        // Room for 2,048 tokens. The plain one came first and keeps its blocks, among which are those of the other's first tokens, until it ends.
        let plain = request(steered.prompt + expected.ids.prefix(200), tokens: 1200, nil)
        let tight = try pool(keyValueBytes: 1)
        defer { tight.stop() }
        #expect(tight.status.models[0].blocks == 128)
        let first = try tight.submit(plain, model: "tiny")
        let second = try tight.submit(steered, model: "tiny")
        async let read = Generation(first)
        let found = try await Generation(second)
        #expect(found.ids == expected.ids)
        #expect(try await read.ids.count == 1200)
    }

    @Test("blocks of the cache with moved states serve no other sequence, those before are shared")
    func prefixes() async throws {
        let control = try controller(site: "layer.0")
        let caching = try pool()
        defer { caching.stop() }
        var limits = PoolLimits(threads: 2)
        limits.cachesPrefixes = false
        let plain = try pool(limits)
        defer { plain.stop() }
        let first = request(text(100, seed: 1), tokens: 60, control)
        let cold = try await Generation(caching.submit(first, model: "tiny"))
        let warm = try await Generation(caching.submit(first, model: "tiny"))
        #expect(cold.tokens == warm.tokens && warm.summary?.cachedPromptTokens == 96)
        // A prompt that goes on where the steered answer went: what is read again is read plainly, whoever reads it.
        for control in [nil, control] {
            let next = request(first.prompt + cold.ids + [1, 2, 3], tokens: 20, control)
            let found = try await Generation(caching.submit(next, model: "tiny"))
            let expected = try await Generation(plain.submit(next, model: "tiny"))
            #expect(found.tokens == expected.tokens)
            #expect(found.summary?.cachedPromptTokens == (control == nil ? 96 : 160))
        }
        // Of a prompt of whole blocks the last is moved at its end.
        let whole = request(text(96, seed: 1), tokens: 20, control)
        let found = try await Generation(caching.submit(whole, model: "tiny"))
        #expect(found.summary?.cachedPromptTokens == 80)
        #expect(try await Generation(plain.submit(whole, model: "tiny")).tokens == found.tokens)
    }

    @Test(
        "a plain sequence does not wait for blocks that a steered one will never share",
        .enabled(if: GoldenFiles.model != nil, "needs the default model: make model")
    )
    func noWaiting() async throws {
        var settings = ControlSettings()
        settings.steps = 0
        let head = try TinyHead.head(hiddenSize: 576, site: "layer.0")
        let control = try Controller(heads: [head], settings: settings, grams: GramCache())
        let pool = TestModels.pool([ModelSpecification(model: try #require(try TestModels.smolLM2()))])
        defer { pool.stop() }
        let prompt = text(40, seed: 2)
        // Seconds of work.
        let long = try pool.submit(request(prompt, tokens: 1000, control), model: "smollm2")
        var iterator = long.makeAsyncIterator()
        var ids = prompt
        for _ in 0..<30 {
            guard case .token(let token)? = try await iterator.next() else { break }
            ids.append(token.id)
        }
        let read = Count()
        let rest = Task { [iterator] in
            var iterator = iterator
            while try await iterator.next() != nil { read.add() }
        }
        defer { rest.cancel() }
        // Its tokens are those of the steered sequence, for nothing is moved; and its blocks are not.
        let beside = try await Generation(pool.submit(request(ids, tokens: 5, nil), model: "smollm2"))
        #expect(beside.ids.count == 5 && beside.summary?.cachedPromptTokens == 32)
        // Without end in sight for the long one.
        #expect(read.value < 800)
        long.cancel()
    }

    @Test("no steps between blocks give the plain tokens")
    func noSteps() async throws {
        let pool = try pool()
        defer { pool.stop() }
        let plain = try await Generation(pool.submit(request([5, 6, 7], tokens: 30, nil), model: "tiny"))
        let control = try controller(site: "layer.1") { $0.steps = 0 }
        let steered = try await Generation(pool.submit(request([5, 6, 7], tokens: 30, control), model: "tiny"))
        #expect(steered.ids == plain.ids && steered.summary?.control?.tokens == 30 && steered.summary?.control?.norm == 0)
        let moved = try await Generation(pool.submit(request([5, 6, 7], tokens: 30, controller(site: "layer.1")), model: "tiny"))
        #expect(moved.ids != plain.ids)
    }

    @Test("only the prompt is computed where nothing is to be generated, and it is computed plainly")
    func promptOnly() async throws {
        let pool = try pool()
        defer { pool.stop() }
        var asked = request(text(40, seed: 4), tokens: 0, try controller(site: "layer.1"))
        asked.reportsStates = true
        asked.stateSite = .layer(1)
        let steered = try await Generation(pool.submit(asked, model: "tiny")).summary?.endState
        asked.control = nil
        let plain = try await Generation(pool.submit(asked, model: "tiny")).summary?.endState
        #expect(steered != nil && steered == plain)
        asked.stateSite = .finalNorm
        #expect(try await Generation(pool.submit(asked, model: "tiny")).summary?.endState != plain)
    }

    @Test("numbers beyond all bounds end their own request with an error that names the head, and no other")
    func overflow() async throws {
        let pool = try pool()
        defer { pool.stop() }
        let expected = try await Generation(pool.submit(request([5, 6, 7], tokens: 40, nil), model: "tiny")).ids
        let beside = try pool.submit(request([5, 6, 7], tokens: 40, nil), model: "tiny")
        let endless = try controller(site: "layer.1") { ($0.steps, $0.stepSize, $0.regularization) = (1000, 1000, 100) }
        await #expect(throws: GenerationError.controlNotFinite(heads: ["'tiny@1'"], position: 2)) {
            try await Generation(pool.submit(request([5, 6, 7], tokens: 40, endless), model: "tiny"))
        }
        #expect(try await Generation(beside).ids == expected)
        // A state may be sound and yet beyond what half precision holds.
        var far = request([5, 6, 7], tokens: 4, try controller(site: "layer.1") { ($0.steps, $0.stepSize) = (1000, 1000) })
        #expect(try await Generation(pool.submit(far, model: "tiny")).ids.count == 4)
        far.reportsStates = true
        far.stateSite = .layer(1)
        await #expect(throws: GenerationError.stateTooLarge(site: "layer.1", position: 2)) {
            try await Generation(pool.submit(far, model: "tiny"))
        }
    }

    @Test("sites that a model does not have are refused")
    func refusals() throws {
        let pool = try pool()
        defer { pool.stop() }
        let control = try controller(site: "layer.3")
        #expect(throws: PoolError.noControlSite(.layer(3), layerCount: 3)) {
            try pool.submit(request([5], tokens: 1, control), model: "tiny")
        }
        var asked = request([5], tokens: 1, nil)
        asked.stateSite = .layer(9)
        #expect(throws: PoolError.noStateSite(.layer(9), layerCount: 3)) { try pool.submit(asked, model: "tiny") }
    }
}
