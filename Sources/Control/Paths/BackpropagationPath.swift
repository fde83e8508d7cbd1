import Compute

/// The ascent as the paper writes it: each step is a forward and a backward pass through every head. For deeper heads, and for mixes of depths.
struct BackpropagationPath: ControlPath {
    private let heads: [WeightedHead]
    private let hiddenSize: Int
    /// The most pre-activations of one head, all its layers together.
    private let activations: Int
    /// The widest layer.
    private let width: Int

    init(heads: [WeightedHead]) {
        self.heads = heads
        hiddenSize = heads.first?.valueFunction.hiddenSize ?? 0
        activations = heads.map { $0.valueFunction.layers.reduce(0) { $0 + $1.rows } }.max() ?? 0
        width = heads.flatMap { $0.valueFunction.layers }.map { max($0.rows, $0.columns) }.max() ?? 0
    }

    func value(_ state: UnsafePointer<Float>, workspace: ControlWorkspace) -> Float {
        workspace.begin(capacity: activations + width)
        let (preactivations, input) = (workspace.take(activations), workspace.take(width))
        return heads.reduce(0) { $0 + $1.weight * forward($1.valueFunction, state, preactivations, input) }
    }

    func steer(
        _ state: UnsafeMutablePointer<Float>,
        settings: ControlSettings,
        workspace: ControlWorkspace
    ) -> ControlOutcome {
        workspace.begin(capacity: activations + 3 * width + 3 * hiddenSize)
        let preactivations = workspace.take(activations)
        let (input, above, below) = (workspace.take(width), workspace.take(width), workspace.take(width))
        let (signal, moved, gradient) = (workspace.take(hiddenSize), workspace.take(hiddenSize), workspace.take(hiddenSize))
        signal.update(repeating: 0, count: hiddenSize)
        moved.update(from: state, count: hiddenSize)
        let stateNorm = FloatKernels.dot(state, state, count: hiddenSize).squareRoot()
        let longest = settings.maxNorm.map { $0 * stateNorm }

        var (valueBefore, steps) = (Float.nan, 0)
        var value = Float.nan
        while true {
            // The value at h + u and, unless this is the last look, the gradient there.
            value = 0
            gradient.update(repeating: 0, count: hiddenSize)
            for head in heads {
                value += head.weight * forward(head.valueFunction, moved, preactivations, input)
                guard steps < settings.steps else { continue }
                backward(head.valueFunction, preactivations, above, below)
                FloatKernels.addScaled(gradient, above, scale: head.weight, count: hiddenSize)
            }
            if steps == 0 { valueBefore = value }
            if steps == settings.steps { break }
            if let target = settings.targetValue, value >= target { break }
            for i in 0..<hiddenSize {
                signal[i] += settings.stepSize * (gradient[i] - 2 * settings.regularization * signal[i])
            }
            if let longest { clip(signal, to: longest) }
            for i in 0..<hiddenSize { moved[i] = state[i] + signal[i] }
            steps += 1
        }
        state.update(from: moved, count: hiddenSize)
        let norm = FloatKernels.dot(signal, signal, count: hiddenSize).squareRoot()
        return ControlOutcome(
            valueBefore: valueBefore,
            valueAfter: value,
            relativeNorm: relativeNorm(norm, stateNorm),
            steps: steps
        )
    }

    /// V of a state; leaves each layer's pre-activations behind, one layer after the other.
    private func forward(
        _ function: ValueFunction,
        _ state: UnsafePointer<Float>,
        _ preactivations: UnsafeMutablePointer<Float>,
        _ input: UnsafeMutablePointer<Float>
    ) -> Float {
        input.update(from: state, count: hiddenSize)
        var outputs = preactivations
        for layer in function.layers {
            FloatKernels.matrixVector(layer.weight, rows: layer.rows, columns: layer.columns, input, bias: layer.bias, into: outputs)
            for unit in 0..<layer.rows { input[unit] = max(outputs[unit], 0) }
            outputs += layer.rows
        }
        return (outputs - 1).pointee
    }

    /// ∇V into `above`, from the pre-activations that ``forward`` left.
    private func backward(
        _ function: ValueFunction,
        _ preactivations: UnsafePointer<Float>,
        _ above: UnsafeMutablePointer<Float>,
        _ below: UnsafeMutablePointer<Float>
    ) {
        var end = function.layers.reduce(0) { $0 + $1.rows }
        above[0] = 1
        for (index, layer) in function.layers.enumerated().reversed() {
            end -= layer.rows
            if index + 1 < function.layers.count {
                for unit in 0..<layer.rows where !(preactivations[end + unit] > 0) { above[unit] = 0 }
            }
            FloatKernels.transposedMatrixVector(layer.weight, rows: layer.rows, columns: layer.columns, above, into: below)
            above.update(from: below, count: layer.columns)
        }
    }

    private func clip(_ signal: UnsafeMutablePointer<Float>, to longest: Float) {
        let length = FloatKernels.dot(signal, signal, count: hiddenSize).squareRoot()
        guard length > longest else { return }
        for i in 0..<hiddenSize { signal[i] *= longest / length }
    }
}
