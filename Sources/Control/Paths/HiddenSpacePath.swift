import Compute

/// The ascent for heads of one hidden layer, walked in their hidden space (Docs/control.md derives it).
///
/// V(h) = w3 · relu(W h + b) + b3, with the heads' first layers stacked into W and their last ones, times their weights, into w3.
/// With z = W h + b, g = w3 ⊙ 1[z > 0] and q = W Wᵀ g, a step h ← h + α(∇V - 2λu) is
///
///     c ← (1 - 2αλ) c + α g        u = Wᵀ c
///     Δ ← (1 - 2αλ) Δ + α q        Δ = W u = z - z₀
///
/// and |u|² = c · Δ. When a unit's sign flips, q gains or loses w3ⱼ times row j of G = W Wᵀ. A unit that never flips has cⱼ = κ g₀ⱼ with
/// one κ for all of them, so u = κ Wᵀ g₀ + Wᵀ e, where e = c - κ g₀ is 0 but for the units that flipped. So n steps cost two passes over W,
/// a row of G for each flip, and O(units) a step.
struct HiddenSpacePath: ControlPath {
    private let stack: HiddenSpaceStack
    private let hiddenSize: Int
    private let units: Int
    /// Σ weight · b3
    private let constant: Float

    /// Nil where a head is deeper, or the Gram matrices are larger than the cache allows.
    init?(heads: [WeightedHead], grams cache: GramCache) {
        guard let first = heads.first, heads.allSatisfy({ $0.valueFunction.layerCount == 2 }) else { return nil }
        guard let grams = cache.matrices(of: heads.map(\.valueFunction)) else { return nil }
        stack = HiddenSpaceStack(heads, grams: grams)
        units = stack.units
        hiddenSize = first.valueFunction.hiddenSize
        constant = heads.reduce(0) { $0 + $1.weight * $1.valueFunction.layers[1].bias.values[0] }
    }

    var memorySize: Int {
        HiddenSpaceMemory.size(units: units, hiddenSize: hiddenSize, blocks: stack.blocks.count)
    }

    var blockCount: Int {
        stack.blocks.count
    }

    var blockWork: Int {
        units * hiddenSize / max(stack.blocks.count, 1)
    }

    /// z₀ = W h + b and, where there will be steps, the block's part of ∇V = Wᵀ g₀, while its rows are at hand.
    func open(_ range: Range<Int>, state: UnsafePointer<Float>, settings: ControlSettings, memory: UnsafeMutablePointer<Float>) {
        let row = HiddenSpaceMemory(memory, units: units, hiddenSize: hiddenSize)
        for index in range {
            let block = stack.blocks[index]
            let gradient = row.partialGradients + index * paddedToCacheLine(hiddenSize)
            if settings.steps > 0 { gradient.update(repeating: 0, count: hiddenSize) }
            let (start, initial) = (row.start + block.offset, row.initial + block.offset)
            block.weight.multiply(state, into: start)
            for unit in 0..<block.count {
                start[unit] += block.bias[unit]
                initial[unit] = start[unit] > 0 ? stack.slopes[block.offset + unit] : 0
            }
            if settings.steps > 0 { block.weight.addTransposed(initial, to: gradient) }
        }
    }

    /// ∇V
    func gatherGradient(settings: ControlSettings, memory: UnsafeMutablePointer<Float>, into gradient: UnsafeMutablePointer<Float>) {
        guard settings.steps > 0 else { return }
        sumGradient(HiddenSpaceMemory(memory, units: units, hiddenSize: hiddenSize), into: gradient)
    }

    /// q = W ∇V
    func project(_ range: Range<Int>, settings: ControlSettings, memory: UnsafeMutablePointer<Float>, gradient: UnsafePointer<Float>) {
        guard settings.steps > 0 else { return }
        let row = HiddenSpaceMemory(memory, units: units, hiddenSize: hiddenSize)
        for block in stack.blocks[range] { block.weight.multiply(gradient, into: row.direction + block.offset) }
    }

    func finish(
        state: UnsafeMutablePointer<Float>,
        settings: ControlSettings,
        memory: UnsafeMutablePointer<Float>
    ) -> ControlOutcome {
        let row = HiddenSpaceMemory(memory, units: units, hiddenSize: hiddenSize)
        for unit in units..<paddedToCacheLine(units) { (row.start[unit], row.direction[unit], row.initial[unit]) = (0, 0, 0) }
        let stateNorm = FloatKernels.dot(state, state, count: hiddenSize).squareRoot()
        var ascent = HiddenSpaceAscent(stack: stack, constant: constant, memory: row, settings: settings, stateNorm: stateNorm)
        let valueBefore = ascent.value
        ascent.run()
        guard ascent.steps > 0 else {
            return ControlOutcome(
                valueBefore: valueBefore,
                valueAfter: valueBefore,
                relativeNorm: relativeNorm(0, stateNorm),
                steps: 0
            )
        }
        sumGradient(row, into: row.signal)
        for i in 0..<hiddenSize { row.signal[i] *= ascent.scale }
        for head in stack.heads { head.weight.addTransposed(row.deviation + head.offset, to: row.signal) }
        for i in 0..<hiddenSize { state[i] += row.signal[i] }
        let norm = FloatKernels.dot(row.signal, row.signal, count: hiddenSize).squareRoot()
        return ControlOutcome(
            valueBefore: valueBefore,
            valueAfter: ascent.value,
            relativeNorm: relativeNorm(norm, stateNorm),
            steps: ascent.steps
        )
    }

    func value(_ state: UnsafePointer<Float>, memory: UnsafeMutablePointer<Float>) -> Float {
        var settings = ControlSettings()
        settings.steps = 0
        open(0..<blockCount, state: state, settings: settings, memory: memory)
        let row = HiddenSpaceMemory(memory, units: units, hiddenSize: hiddenSize)
        for unit in units..<paddedToCacheLine(units) { row.start[unit] = 0 }
        return HiddenSpaceAscent(stack: stack, constant: constant, memory: row, settings: settings, stateNorm: 0).value
    }

    /// ∇V = Wᵀ g₀: the blocks' parts, from the first to the last.
    private func sumGradient(_ row: HiddenSpaceMemory, into gradient: UnsafeMutablePointer<Float>) {
        gradient.update(from: row.partialGradients, count: hiddenSize)
        for index in 1..<max(blockCount, 1) {
            FloatKernels.addScaled(gradient, row.partialGradients + index * paddedToCacheLine(hiddenSize), scale: 1, count: hiddenSize)
        }
    }
}
