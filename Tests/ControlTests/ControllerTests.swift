import Compute
import Control
import ModelFiles
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
        #expect(distance(moved, state) <= 0.03 * norm(state) * 1.00001)
        #expect(abs(outcome.relativeNorm - 0.03) < 1e-4)
    }

    @Test("no steps, and a target that is reached already, leave the state's bits as they were; a trust region of zero its values")
    func nothingMoves() throws {
        var random = RandomHead(seed: 7)
        var state = random.floats(24)
        (state[3], state[4]) = (-0.0, 0)
        for widths in [[24, 32], [24, 32, 8]] {
            let head = try random.head(widths)
            for settings in [settings { $0.steps = 0 }, settings { $0.targetValue = -100 }, settings { $0.maxNorm = 0 }] {
                let (outcome, moved) = steer(try Controller(heads: [head], settings: settings, grams: GramCache()), state)
                #expect(moved == state)
                if settings.maxNorm == nil { #expect(moved.map(\.bitPattern) == state.map(\.bitPattern)) }
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
        #expect(states.row(2).map(\.bitPattern) == steer(controller, state).state.map(\.bitPattern))
    }

    @Test("a state of zeros is steered, and its undefined relative norm is reported as 0")
    func zeroState() throws {
        var random = RandomHead(seed: 11)
        for widths in [[8, 12], [8, 12, 6]] {
            let head = try random.head(widths)
            let zero = [Float](repeating: 0, count: 8)
            let free = steer(try Controller(heads: [head], settings: settings(), grams: GramCache()), zero)
            #expect(free.outcome.isFinite && free.outcome.relativeNorm == 0 && free.state != zero)
            let bounded = steer(try Controller(heads: [head], settings: settings { $0.maxNorm = 0.1 }, grams: GramCache()), zero)
            #expect(bounded.outcome.isFinite && bounded.state == zero)
        }
    }

    @Test("where no unit is active, or the first layer is zero, there is no gradient and nothing moves")
    func deadHeads() throws {
        var random = RandomHead(seed: 14)
        let state = random.floats(8)
        for widths in [[8, 12], [8, 12, 6]] {
            for (scale, bias) in [(0, 1), (0.01, -10)] as [(Float, Float)] {
                let head = try random.head(widths, firstLayerScale: scale, firstBias: bias)
                let (outcome, moved) = steer(try Controller(heads: [head], settings: settings(), grams: GramCache()), state)
                #expect(moved == state && outcome.isFinite && outcome.relativeNorm == 0 && outcome.steps == 30)
                #expect(outcome.valueAfter == outcome.valueBefore)
            }
        }
    }

    @Test("steps that overflow, and states that are not finite or too large to square, are reported and stop nothing")
    func notFinite() throws {
        var random = RandomHead(seed: 11)
        for widths in [[8, 12], [8, 12, 6]] {
            let head = try random.head(widths)
            let huge = WeightedHead(valueFunction: head.valueFunction, weight: 3e38, name: "huge", version: 1)
            let changes: [(inout ControlSettings) -> Void] = [
                { _ in }, { $0.maxNorm = 0.1 }, { $0.regularization = 3e38 }, { $0.targetValue = 3e38 },
            ]
            for change in changes {
                let controller = try Controller(
                    heads: [huge],
                    settings: settings {
                        $0.stepSize = 1000
                        change(&$0)
                    },
                    grams: GramCache()
                )
                #expect(!steer(controller, random.floats(8)).outcome.isFinite)
            }
            let controller = try Controller(heads: [head], settings: settings(), grams: GramCache())
            for bad in [Float.nan, .infinity, -.infinity, 3e38] {
                var state = random.floats(8)
                state[2] = bad
                #expect(!steer(controller, state).outcome.isFinite)
            }
        }
    }

    @Test(
        "with every unit active V is linear, and u is what the regularized ascent's closed form says",
        arguments: [[8, 12], [8, 12, 6]]
    )
    func regularization(widths: [Int]) throws {
        var random = RandomHead(seed: 15)
        let head = try random.head(widths, firstBias: 50, laterBias: 500)
        let state = random.floats(8)
        let gradient = try ReferenceAscent([head]).evaluate(state.map(Double.init)).gradient
        for lambda in [0, 0.02, 0.5] as [Float] {
            let controller = try Controller(heads: [head], settings: settings { $0.regularization = lambda }, grams: GramCache())
            let moved = steer(controller, state).state
            let (alpha, shrink) = (Double(Float(0.1)), 1 - 2 * Double(Float(0.1)) * Double(lambda))
            let factor = (0..<30).reduce(0.0) { sum, _ in shrink * sum + alpha }
            for i in state.indices { #expect(abs(Double(moved[i]) - Double(state[i]) - factor * gradient[i]) < 1e-5) }
        }
    }

    @Test("a negative weight steers away from what a head values, and the values reported are the sum's")
    func negativeWeight() throws {
        var random = RandomHead(seed: 16)
        for widths in [[16, 24], [16, 24, 12]] {
            let head = try random.head(widths, weight: -2)
            let state = random.floats(16)
            let (outcome, moved) = steer(try Controller(heads: [head], settings: settings(), grams: GramCache()), state)
            let (before, after) = (head.valueFunction.value(of: state), head.valueFunction.value(of: moved))
            #expect(after < before)
            #expect(abs(outcome.valueBefore + 2 * before) < 1e-4 && abs(outcome.valueAfter + 2 * after) < 1e-4)
        }
    }

    @Test("both paths follow the double-precision loop, through flips that go back and forth", arguments: [1, 2, 3, 4] as [UInt64])
    func followsReference(seed: UInt64) throws {
        var random = RandomHead(seed: seed)
        let stacked = [try random.head([48, 80]), try random.head([48, 33], weight: -0.6)]
        let mixed = [try random.head([48, 40]), try random.head([48, 30, 20], weight: 0.5)]
        let changes: [(inout ControlSettings) -> Void] = [
            { $0.steps = 60 }, { $0.regularization = 0.05 }, { $0.maxNorm = 0.2 },
            { ($0.steps, $0.maxNorm, $0.regularization) = (100, 0.5, 0.01) },
            { $0.targetValue = 1 },
        ]
        let state = random.floats(48)
        for heads in [stacked, mixed] {
            let reference = try ReferenceAscent(heads)
            for change in changes {
                let settings = settings(change)
                let expected = reference.steer(state, settings)
                for controller in [
                    try Controller(heads: heads, settings: settings, grams: GramCache()),
                    Controller(backpropagating: heads, settings: settings),
                ] {
                    let (outcome, moved) = steer(controller, state)
                    let error = zip(moved, expected.state).reduce(0) { $0 + (Double($1.0) - $1.1) * (Double($1.0) - $1.1) }.squareRoot()
                    #expect(error <= 1e-5 * Double(norm(state)))
                    #expect(outcome.steps == expected.steps)
                    #expect(abs(Double(outcome.valueBefore) - expected.before) < 1e-5)
                    #expect(abs(Double(outcome.valueAfter) - expected.after) < 1e-4)
                }
            }
        }
    }

    @Test("the value reported is that of the state returned, after a thousand steps too", arguments: [30, 1000])
    func valueIsTrue(steps: Int) throws {
        var random = RandomHead(seed: 17)
        let heads = [try random.head([48, 300]), try random.head([48, 33], weight: -0.6)]
        for _ in 0..<5 {
            let state = random.floats(48)
            let controller = try Controller(
                heads: heads,
                settings: settings {
                    $0.steps = steps
                    $0.maxNorm = 2
                },
                grams: GramCache()
            )
            let (outcome, moved) = steer(controller, state)
            let value = try ReferenceAscent(heads).evaluate(moved.map(Double.init)).value
            #expect(abs(Double(outcome.valueAfter) - value) < 1e-4 * max(1, abs(value)))
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

    @Test("threads that want the same Gram matrices at once get one and the same, and the cache stays within its bound")
    func gramCacheThreads() async throws {
        var random = RandomHead(seed: 18)
        let heads = try (0..<6).map { _ in try random.head([8, 10]) }
        let cache = GramCache(byteLimit: 8 * 10 * 10 * 4)
        let state = random.floats(8)
        let pairs = (0..<6).map { [heads[$0], heads[($0 + 1) % 6]] }
        let expected = try pairs.map { steer(try Controller(heads: $0, settings: settings(), grams: GramCache()), state).state }
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for turn in 0..<200 {
                group.addTask {
                    let controller = try Controller(heads: pairs[turn % 6], settings: settings(), grams: cache)
                    return steer(controller, state).state == expected[turn % 6]
                }
            }
            for try await same in group { #expect(same) }
        }
        #expect(cache.byteCount <= cache.byteLimit)
    }

    @Test("a head in half precision steers as the same numbers in F32 do, bit for bit", arguments: [[72, 96], [72, 40, 56]])
    func halfPrecisionSteersAlike(widths: [Int]) throws {
        var random = RandomHead(seed: 17)
        let narrow: [(SafetensorsType, (Float) -> UInt16, (UInt16) -> Float)] = [
            (.f16, { Float16($0).bitPattern }, { Float(Float16(bitPattern: $0)) }),
            (.bf16, { UInt16($0.bitPattern >> 16) }, { Float(bitPattern: UInt32($0) << 16) }),
        ]
        let tensors = random.tensors(widths)
        let state = random.floats(72)
        for (type, round, widen) in narrow {
            func steered(isNarrow: Bool) throws -> (state: [Float], outcome: ControlOutcome, digest: SHA256Digest) {
                let rounded = try tensors.map { tensor -> SafetensorsWriter.Tensor in
                    let file = try SafetensorsFile(bytes: SafetensorsWriter.encode(tensors: [tensor]))
                    let numbers = try file.floats(tensor.name).map(round)
                    guard isNarrow else { return .init(name: tensor.name, shape: tensor.shape, floats: numbers.map(widen)) }
                    let bytes = numbers.flatMap { withUnsafeBytes(of: $0.littleEndian, Array.init) }
                    return .init(name: tensor.name, type: type, shape: tensor.shape, bytes: bytes)
                }
                let function = try ValueFunction(file: SafetensorsFile(bytes: SafetensorsWriter.encode(tensors: rounded)))
                let head = WeightedHead(valueFunction: function, weight: 1, name: "narrow", version: 1)
                let controller = try Controller(heads: [head], settings: ControlSettings(), grams: GramCache())
                let states = FloatMatrix(rows: 1, columns: 72)
                states.setRow(0, to: state)
                let outcome = controller.steer(states, row: 0, workspace: ControlWorkspace())
                return (states.row(0), outcome, function.parameterDigest)
            }
            let (found, expected) = (try steered(isNarrow: true), try steered(isNarrow: false))
            #expect(found.state == expected.state && found.state != state, "\(type)")
            #expect(found.outcome == expected.outcome && found.digest == expected.digest, "\(type)")
        }
    }
}
