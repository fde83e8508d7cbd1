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
    ///
    /// Each output is one dot product, whoever computes it: the result does not depend on the team.
    func forward(
        _ state: UnsafePointer<Float>,
        _ preactivations: UnsafeMutablePointer<Float>,
        _ input: UnsafeMutablePointer<Float>,
        _ team: ThreadTeam?
    ) -> Float {
        var (source, target) = (state, preactivations)
        for index in layers.indices {
            let layer = layers[index]
            let (from, to, columns) = (source, target, layer.columns)
            share(layer.rows, work: layer.rows * columns, team) { rows in
                FloatKernels.matrixVector(
                    layer.weight.base + rows.lowerBound * columns,
                    rows: rows.count,
                    columns: columns,
                    from,
                    bias: layer.bias.base + rows.lowerBound,
                    into: to + rows.lowerBound
                )
            }
            for unit in 0..<layer.rows { input[unit] = max(target[unit], 0) }
            source = UnsafePointer(input)
            target += layer.rows
        }
        return (target - 1).pointee
    }

    /// ∇V into `above`, from the pre-activations that ``forward`` left.
    ///
    /// Each component is summed over the units from the first to the last, whoever computes it.
    func backward(
        _ preactivations: UnsafePointer<Float>,
        _ above: UnsafeMutablePointer<Float>,
        _ below: UnsafeMutablePointer<Float>,
        _ team: ThreadTeam?
    ) {
        var end = outputs
        above[0] = 1
        for index in layers.indices.reversed() {
            let layer = layers[index]
            end -= layer.rows
            if index + 1 < layers.count {
                for unit in 0..<layer.rows where !(preactivations[end + unit] > 0) { above[unit] = 0 }
            }
            let columns = layer.columns
            share(columns, work: layer.rows * columns, team) { part in
                (below + part.lowerBound).update(repeating: 0, count: part.count)
                for unit in 0..<layer.rows where above[unit] != 0 {
                    let weight = layer.weight.base + unit * columns + part.lowerBound
                    FloatKernels.addScaled(below + part.lowerBound, weight, scale: above[unit], count: part.count)
                }
            }
            above.update(from: below, count: columns)
        }
    }

    /// Runs `body` on all of `0 ..< count`, in parts of whole cache lines where a team is at hand and the work is worth its while.
    private func share(_ count: Int, work: Int, _ team: ThreadTeam?, _ body: (Range<Int>) -> Void) {
        if let team, work >= ControlBatch.leastSharedWork {
            team.split(count, step: 16, body)
        } else {
            body(0..<count)
        }
    }
}
