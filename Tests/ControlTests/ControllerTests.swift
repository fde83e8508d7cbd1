import Compute
import Control
import Testing

@Suite("Controller")
struct ControllerTests {
    private func settings(_ change: (inout ControlSettings) -> Void = { _ in }) -> ControlSettings {
        var settings = ControlSettings()
        settings.stepSize = 0.1
        change(&settings)
        return settings
    }

    private func steer(_ controller: Controller, _ state: [Float]) -> (outcome: ControlOutcome, state: [Float]) {
        let states = FloatMatrix(rows: 1, columns: state.count)
        states.setRow(0, to: state)
        let outcome = controller.steer(states, row: 0, workspace: ControlWorkspace())
        return (outcome, states.row(0))
    }

    private func norm(_ values: some Sequence<Float>) -> Float {
        values.reduce(0) { $0 + $1 * $1 }.squareRoot()
    }

    private func distance(_ a: [Float], _ b: [Float]) -> Float {
        norm(zip(a, b).map { $0 - $1 })
    }

    @Test("weighted heads of one depth, stacked, steer as backpropagation through their sum does", arguments: [0, 1, 2, 3] as [UInt64])
    func stackedHeads(seed: UInt64) throws {
        var random = RandomHead(seed: seed)
        let heads = [
            try random.head([40, 64], weight: 1), try random.head([40, 30], weight: -0.5), try random.head([40, 17], weight: 2),
        ]
        let state = random.floats(40)
        for settings in [settings(), settings { $0.regularization = 0.2 }, settings { $0.maxNorm = 0.05 }, settings { $0.steps = 200 }] {
            let stacked = try Controller(heads: heads, settings: settings, grams: GramCache())
            #expect(stacked.usesHiddenSpace)
            let (found, moved) = steer(stacked, state)
            let (expected, reference) = steer(Controller(backpropagating: heads, settings: settings), state)
            #expect(distance(moved, reference) <= 1e-5 * norm(reference))
            #expect(abs(found.valueAfter - expected.valueAfter) < 1e-4 && found.steps == expected.steps)
            #expect(abs(found.relativeNorm - expected.relativeNorm) < 1e-4)
        }
    }

    @Test("heads of several depths, and Gram matrices beyond the cache's bound, are backpropagated")
    func fallsBack() throws {
        var random = RandomHead(seed: 9)
        let (shallow, deep) = (try random.head([16, 20]), try random.head([16, 20, 12], weight: 0.5))
        let mixed = try Controller(heads: [shallow, deep], settings: settings(), grams: GramCache())
        let tooLarge = try Controller(heads: [shallow], settings: settings(), grams: GramCache(byteLimit: 20 * 20 * 4 - 1))
        #expect(!mixed.usesHiddenSpace && !tooLarge.usesHiddenSpace)
        let state = random.floats(16)
        let exact = try Controller(heads: [shallow], settings: settings(), grams: GramCache())
        #expect(distance(steer(tooLarge, state).state, steer(exact, state).state) < 1e-5)
        #expect(steer(mixed, state).outcome.valueAfter > steer(mixed, state).outcome.valueBefore)
    }

    @Test("one step follows the gradient that finite differences give", arguments: [[12, 16], [12, 16, 8], [12, 10, 9, 8]])
    func gradientIsRight(widths: [Int]) throws {
        var random = RandomHead(seed: 5)
        let head = try random.head(widths)
        let state = random.floats(12)
        let controller = try Controller(heads: [head], settings: settings { $0.steps = 1 }, grams: GramCache())
        let moved = steer(controller, state).state
        for i in state.indices {
            var (up, down) = (state, state)
            up[i] += 1e-2
            down[i] -= 1e-2
            let slope = (head.valueFunction.value(of: up) - head.valueFunction.value(of: down)) / 2e-2
            #expect(abs((moved[i] - state[i]) / 0.1 - slope) < 0.02)
        }
    }

    @Test("the trust region holds, and is reached where the ascent wants further", arguments: [[24, 32], [24, 32, 16]])
    func trustRegion(widths: [Int]) throws {
        var random = RandomHead(seed: 6)
        let head = try random.head(widths)
        let state = random.floats(24)
        let bounded = try Controller(
            heads: [head],
            settings: settings {
                $0.maxNorm = 0.03
                $0.steps = 100
            },
            grams: GramCache()
        )
        let (outcome, moved) = steer(bounded, state)
        #expect(distance(moved, state) <= 0.03 * norm(state) * 1.0001)
        #expect(abs(outcome.relativeNorm - 0.03) < 1e-4)
    }

    @Test("no steps leave the state's bits as they were; a trust region of zero does too")
    func nothingMoves() throws {
        var random = RandomHead(seed: 7)
        let state = random.floats(24)
        for widths in [[24, 32], [24, 32, 8]] {
            let head = try random.head(widths)
            for settings in [settings { $0.steps = 0 }, settings { $0.maxNorm = 0 }] {
                let (outcome, moved) = steer(try Controller(heads: [head], settings: settings, grams: GramCache()), state)
                #expect(moved == state)
                #expect(outcome.relativeNorm == 0 && outcome.isFinite)
                #expect(abs(outcome.valueBefore - head.valueFunction.value(of: state)) < 1e-5)
                #expect(abs(outcome.valueAfter - outcome.valueBefore) < 1e-6)
            }
        }
    }

    @Test("steps stop once the target is reached, before the first where it is reached already")
    func targetStops() throws {
        var random = RandomHead(seed: 8)
        let head = try random.head([24, 32])
        let state = random.floats(24)
        let start = head.valueFunction.value(of: state)
        let reached = try Controller(heads: [head], settings: settings { $0.targetValue = start - 0.01 }, grams: GramCache())
        #expect(steer(reached, state).outcome.steps == 0)
        let near = try Controller(heads: [head], settings: settings { $0.targetValue = start + 0.02 }, grams: GramCache())
        let outcome = steer(near, state).outcome
        #expect(outcome.steps > 0 && outcome.steps < 30 && outcome.valueAfter >= start + 0.02)
    }

    @Test("a row's result has the same bits whatever was steered before with the same workspace")
    func rowsStandAlone() throws {
        var random = RandomHead(seed: 10)
        let controller = try Controller(heads: [try random.head([24, 32])], settings: settings(), grams: GramCache())
        let other = try Controller(heads: [try random.head([24, 50, 20])], settings: settings(), grams: GramCache())
        let states = FloatMatrix(rows: 3, columns: 24)
        let state = random.floats(24)
        states.setRow(0, to: random.floats(24))
        states.setRow(1, to: random.floats(24))
        states.setRow(2, to: state)
        let workspace = ControlWorkspace()
        _ = controller.steer(states, row: 0, workspace: workspace)
        _ = other.steer(states, row: 1, workspace: workspace)
        _ = controller.steer(states, row: 2, workspace: workspace)
        #expect(states.row(2) == steer(controller, state).state)
    }

    @Test("a state of zeros, a dead head and steps that overflow are reported, and stop nothing")
    func extremes() throws {
        var random = RandomHead(seed: 11)
        for widths in [[8, 12], [8, 12, 6]] {
            let head = try random.head(widths)
            let zero = steer(
                try Controller(heads: [head], settings: settings { $0.maxNorm = 0.1 }, grams: GramCache()),
                [Float](repeating: 0, count: 8)
            )
            #expect(zero.outcome.isFinite && zero.outcome.relativeNorm == 0)
            let huge = WeightedHead(valueFunction: head.valueFunction, weight: 3e38, name: "huge", version: 1)
            let controller = try Controller(heads: [huge], settings: settings { $0.stepSize = 1000 }, grams: GramCache())
            #expect(!steer(controller, random.floats(8)).outcome.isFinite)
        }
    }

    @Test("heads of other widths, weights that are not finite and settings out of range are refused")
    func refuses() throws {
        var random = RandomHead(seed: 12)
        let (a, b) = (try random.head([8, 12]), try random.head([9, 12]))
        #expect(throws: ControlError.noHeads) { try Controller(heads: [], settings: .init(), grams: GramCache()) }
        #expect(throws: ControlError.mixedHiddenSizes([8, 9])) { try Controller(heads: [a, b], settings: .init(), grams: GramCache()) }
        let bad = WeightedHead(valueFunction: a.valueFunction, weight: .infinity, name: "bad", version: 1)
        #expect(throws: ControlError.badWeight(head: "bad")) { try Controller(heads: [bad], settings: .init(), grams: GramCache()) }
        #expect(throws: ControlError.self) { try Controller(heads: [a], settings: settings { $0.steps = 1001 }, grams: GramCache()) }
    }

    @Test("Gram matrices are made once for a pair of heads and kept within the bound")
    func gramCacheBound() throws {
        var random = RandomHead(seed: 13)
        let heads = try (0..<4).map { _ in try random.head([8, 10]) }
        let cache = GramCache(byteLimit: 2 * 10 * 10 * 4)
        for head in heads + heads { _ = try Controller(heads: [head], settings: settings(), grams: cache) }
        #expect(cache.byteCount == 800)
    }
}
