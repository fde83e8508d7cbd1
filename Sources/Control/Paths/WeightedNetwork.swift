import Compute

/// One head as backpropagation sees it: its layers, and how much it counts.
struct WeightedNetwork: Sendable {
    let layers: [DenseLayer]
    /// The head's factor in the sum.
    let weight: Float
    /// All layers' outputs.
    private let outputs: Int

    init(layers: [DenseLayer], weight: Float) {
        self.layers = layers
        self.weight = weight
        outputs = layers.reduce(0) { $0 + $1.rows }
    }

    /// V of a state; leaves each layer's pre-activations behind, one layer after the other.
    func forward(
        _ state: UnsafePointer<Float>,
        _ preactivations: UnsafeMutablePointer<Float>,
        _ input: UnsafeMutablePointer<Float>
    ) -> Float {
        var (source, target) = (state, preactivations)
        for index in layers.indices {
            let layer = layers[index]
            layer.weight.rows.multiply(source, into: target)
            for unit in 0..<layer.rows { target[unit] += layer.bias.base[unit] }
            for unit in 0..<layer.rows { input[unit] = max(target[unit], 0) }
            source = UnsafePointer(input)
            target += layer.rows
        }
        return (target - 1).pointee
    }

    /// ∇V into `above`, from the pre-activations that ``forward`` left.
    func backward(
        _ preactivations: UnsafePointer<Float>,
        _ above: UnsafeMutablePointer<Float>,
        _ below: UnsafeMutablePointer<Float>
    ) {
        var end = outputs
        above[0] = 1
        for index in layers.indices.reversed() {
            let layer = layers[index]
            end -= layer.rows
            if index + 1 < layers.count {
                for unit in 0..<layer.rows where !(preactivations[end + unit] > 0) { above[unit] = 0 }
            }
            below.update(repeating: 0, count: layer.columns)
            layer.weight.rows.addTransposed(above, to: below)
            above.update(from: below, count: layer.columns)
        }
    }
}
