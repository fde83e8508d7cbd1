import Compute

/// The ascent as the paper writes it: each step is a forward and a backward pass through every head. For deeper heads, and for mixes of
/// depths.
struct BackpropagationPath: ControlPath {
    private let heads: [WeightedNetwork]
    private let hiddenSize: Int
    /// The most pre-activations of one head, all its layers together.
    private let activations: Int
    /// The widest layer.
    private let width: Int

    init(heads: [WeightedHead]) {
        self.heads = heads.map { WeightedNetwork(layers: $0.valueFunction.layers, weight: $0.weight) }
        hiddenSize = heads.first?.valueFunction.hiddenSize ?? 0
        activations = paddedToCacheLine(heads.map { $0.valueFunction.layers.reduce(0) { $0 + $1.rows } }.max() ?? 0)
        width = paddedToCacheLine(heads.flatMap { $0.valueFunction.layers }.map { max($0.rows, $0.columns) }.max() ?? 0)
    }

    var memorySize: Int {
        activations + 3 * width + 3 * paddedToCacheLine(hiddenSize)
    }

    var blockCount: Int {
        0
    }

    var blockWork: Int {
        0
    }

    func open(_ blocks: Range<Int>, state: UnsafePointer<Float>, settings: ControlSettings, memory: UnsafeMutablePointer<Float>) {}

    func gatherGradient(settings: ControlSettings, memory: UnsafeMutablePointer<Float>, into gradient: UnsafeMutablePointer<Float>) {}

    func project(_ blocks: Range<Int>, settings: ControlSettings, memory: UnsafeMutablePointer<Float>, gradient: UnsafePointer<Float>) {}

    func finish(
        state: UnsafeMutablePointer<Float>,
        settings: ControlSettings,
        memory: UnsafeMutablePointer<Float>
    ) -> ControlOutcome {
        let preactivations = memory
        let input = preactivations + activations
        let (above, below) = (input + width, input + 2 * width)
        let signal = below + width
        let (moved, gradient) = (signal + paddedToCacheLine(hiddenSize), signal + 2 * paddedToCacheLine(hiddenSize))
        signal.update(repeating: 0, count: hiddenSize)
        moved.update(from: state, count: hiddenSize)
        let stateNorm = FloatKernels.dot(state, state, count: hiddenSize).squareRoot()
        let longest = settings.maxNorm.map { $0 * stateNorm }

        var (value, valueBefore, steps) = (Float.nan, Float.nan, 0)
        while true {
            // The value at h + u and, unless this is the last look, the gradient there.
            value = 0
            gradient.update(repeating: 0, count: hiddenSize)
            for head in heads {
                value += head.weight * head.forward(moved, preactivations, input)
                guard steps < settings.steps else { continue }
                head.backward(preactivations, above, below)
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
        if steps > 0 { state.update(from: moved, count: hiddenSize) }
        let norm = FloatKernels.dot(signal, signal, count: hiddenSize).squareRoot()
        return ControlOutcome(
            valueBefore: valueBefore,
            valueAfter: value,
            relativeNorm: relativeNorm(norm, stateNorm),
            steps: steps
        )
    }

    func value(_ state: UnsafePointer<Float>, memory: UnsafeMutablePointer<Float>) -> Float {
        var sum: Float = 0
        for head in heads { sum += head.weight * head.forward(state, memory, memory + activations) }
        return sum
    }

    private func clip(_ signal: UnsafeMutablePointer<Float>, to longest: Float) {
        let length = FloatKernels.dot(signal, signal, count: hiddenSize).squareRoot()
        guard length > longest else { return }
        for i in 0..<hiddenSize { signal[i] *= longest / length }
    }
}
