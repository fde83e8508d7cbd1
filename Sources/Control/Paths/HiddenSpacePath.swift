import Compute

/// The ascent for heads of one hidden layer, walked in their hidden space.
///
/// V(h) = w3 · relu(W h + b) + b3, with the heads' first layers stacked into W and their last ones, times their weights, into w3.
/// With z = W h + b, G = W Wᵀ, g = w3 ⊙ 1[z > 0] and q = G g, a step h ← h + α(∇V - 2λu) is
///
///     c ← (1 - 2αλ) c + α g        u = Wᵀ c
///     Δ ← (1 - 2αλ) Δ + α q        Δ = W u = z - z₀
///
/// and |u|² = c · Δ. When a unit's sign flips, q gains or loses w3ⱼ times row j of G. So n steps cost one product with W, one with G and one with Wᵀ,
/// and O(units) a step.
struct HiddenSpacePath: ControlPath {
    private let blocks: [HiddenSpaceBlock]
    /// grams[i][j] = Wᵢ Wⱼᵀ.
    private let grams: [[GramMatrix]]
    private let hiddenSize: Int
    private let units: Int
    private let constant: Float

    /// Nil where a head is deeper, or the Gram matrices are larger than the cache allows.
    init?(heads: [WeightedHead], grams cache: GramCache) {
        guard let first = heads.first, heads.allSatisfy({ $0.valueFunction.layerCount == 2 }) else { return nil }
        guard let grams = cache.matrices(of: heads.map(\.valueFunction)) else { return nil }
        var blocks: [HiddenSpaceBlock] = []
        for head in heads { blocks.append(HiddenSpaceBlock(head, offset: blocks.last?.end ?? 0)) }
        self.blocks = blocks
        self.grams = grams
        hiddenSize = first.valueFunction.hiddenSize
        units = blocks.last?.end ?? 0
        constant = heads.reduce(0) { $0 + $1.weight * $1.valueFunction.layers[1].bias[0] }
    }

    func value(_ state: UnsafePointer<Float>, workspace: ControlWorkspace) -> Float {
        workspace.begin(capacity: units)
        let z = workspace.take(units)
        preactivations(of: state, into: z)
        return value(z)
    }

    func steer(
        _ state: UnsafeMutablePointer<Float>,
        settings: ControlSettings,
        workspace: ControlWorkspace
    ) -> ControlOutcome {
        workspace.begin(capacity: 6 * units + hiddenSize)
        let (start, z) = (workspace.take(units), workspace.take(units))
        let (coefficients, moved) = (workspace.take(units), workspace.take(units))
        let (gradient, direction) = (workspace.take(units), workspace.take(units))
        let signal = workspace.take(hiddenSize)

        preactivations(of: state, into: start)
        z.update(from: start, count: units)
        coefficients.update(repeating: 0, count: units)
        moved.update(repeating: 0, count: units)
        let stateNorm = FloatKernels.dot(state, state, count: hiddenSize).squareRoot()
        let valueBefore = value(z)
        guard settings.steps > 0 else {
            return ControlOutcome(valueBefore: valueBefore, valueAfter: valueBefore, relativeNorm: 0, steps: 0)
        }
        setGradient(of: z, into: gradient)
        project(gradient, into: direction)

        let shrink = 1 - 2 * settings.stepSize * settings.regularization
        let longest = settings.maxNorm.map { $0 * stateNorm }
        var steps = 0
        while steps < settings.steps {
            if let target = settings.targetValue, value(z) >= target { break }
            for unit in 0..<units {
                coefficients[unit] = shrink * coefficients[unit] + settings.stepSize * gradient[unit]
                moved[unit] = shrink * moved[unit] + settings.stepSize * direction[unit]
            }
            if let longest { clip(coefficients, moved, to: longest) }
            for unit in 0..<units {
                let wasActive = z[unit] > 0
                z[unit] = start[unit] + moved[unit]
                if (z[unit] > 0) != wasActive { flip(unit, to: !wasActive, gradient, direction) }
            }
            steps += 1
        }
        apply(coefficients, to: state, signal)
        let norm = FloatKernels.dot(signal, signal, count: hiddenSize).squareRoot()
        return ControlOutcome(
            valueBefore: valueBefore,
            valueAfter: value(z),
            relativeNorm: relativeNorm(norm, stateNorm),
            steps: steps
        )
    }

    /// z = W h + b
    private func preactivations(of state: UnsafePointer<Float>, into z: UnsafeMutablePointer<Float>) {
        for block in blocks {
            FloatKernels.matrixVector(
                block.weight,
                rows: block.units,
                columns: hiddenSize,
                state,
                bias: block.bias,
                into: z + block.offset
            )
        }
    }

    /// w3 · relu(z) + b3
    private func value(_ z: UnsafePointer<Float>) -> Float {
        var sum = constant
        for block in blocks {
            for unit in 0..<block.units { sum += block.slope[unit] * max(z[block.offset + unit], 0) }
        }
        return sum
    }

    /// g = w3 ⊙ 1[z > 0]
    private func setGradient(of z: UnsafePointer<Float>, into gradient: UnsafeMutablePointer<Float>) {
        for block in blocks {
            for unit in 0..<block.units {
                gradient[block.offset + unit] = z[block.offset + unit] > 0 ? block.slope[unit] : 0
            }
        }
    }

    /// q = G g
    private func project(_ gradient: UnsafePointer<Float>, into direction: UnsafeMutablePointer<Float>) {
        direction.update(repeating: 0, count: units)
        for (row, block) in blocks.enumerated() {
            for unit in 0..<block.units where gradient[block.offset + unit] != 0 {
                addRow(unit, ofBlock: row, scale: gradient[block.offset + unit], to: direction)
            }
        }
    }

    /// A unit's sign changed: g and q change with it.
    private func flip(
        _ unit: Int,
        to isActive: Bool,
        _ gradient: UnsafeMutablePointer<Float>,
        _ direction: UnsafeMutablePointer<Float>
    ) {
        guard let row = blocks.firstIndex(where: { unit < $0.end }) else { return }
        let slope = blocks[row].slope[unit - blocks[row].offset]
        gradient[unit] = isActive ? slope : 0
        addRow(unit - blocks[row].offset, ofBlock: row, scale: isActive ? slope : -slope, to: direction)
    }

    /// direction += scale · (the unit's row of G, which is its column)
    private func addRow(_ unit: Int, ofBlock row: Int, scale: Float, to direction: UnsafeMutablePointer<Float>) {
        for (column, block) in blocks.enumerated() {
            grams[row][column].values.withUnsafeBufferPointer { values in
                guard let base = values.baseAddress else { return }
                FloatKernels.addScaled(direction + block.offset, base + unit * block.units, scale: scale, count: block.units)
            }
        }
    }

    /// Scales u, by its coefficients and what it moved, back to a length; |u|² = c · Δ.
    private func clip(_ coefficients: UnsafeMutablePointer<Float>, _ moved: UnsafeMutablePointer<Float>, to longest: Float) {
        let length = max(FloatKernels.dot(coefficients, moved, count: units), 0).squareRoot()
        guard length > longest else { return }
        let scale = longest / length
        for unit in 0..<units {
            coefficients[unit] *= scale
            moved[unit] *= scale
        }
    }

    /// u = Wᵀ c; h ← h + u
    private func apply(
        _ coefficients: UnsafePointer<Float>,
        to state: UnsafeMutablePointer<Float>,
        _ signal: UnsafeMutablePointer<Float>
    ) {
        signal.update(repeating: 0, count: hiddenSize)
        for block in blocks {
            block.weight.withUnsafeBufferPointer { weight in
                guard let base = weight.baseAddress else { return }
                for unit in 0..<block.units where coefficients[block.offset + unit] != 0 {
                    FloatKernels.addScaled(signal, base + unit * hiddenSize, scale: coefficients[block.offset + unit], count: hiddenSize)
                }
            }
        }
        FloatKernels.addScaled(state, signal, scale: 1, count: hiddenSize)
    }
}
