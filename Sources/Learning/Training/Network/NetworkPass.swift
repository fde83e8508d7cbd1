import Compute

/// Runs states forward through a network, and derivatives backward, for one thread at a time.
///
/// The network is V(h) = W_k ρ(… ρ(W_1 h + b_1) …) + b_k with ρ(x) = max(x, 0); its derivatives are checked against finite differences by tests.
package final class NetworkPass {
    /// The states: set as many rows as go through.
    package let input: FloatMatrix
    /// The sum of the derivatives by every parameter, over all calls of ``backward(_:count:)`` since it was cleared.
    package let gradient: NetworkParameters
    private let parameters: NetworkParameters
    /// What every layer gives, after ρ but for the last.
    private let outputs: [FloatMatrix]
    /// The derivatives by what every layer gives.
    private let deltas: [FloatMatrix]

    /// Makes room.
    ///
    /// - Parameters:
    ///   - parameters: the network's; read on each pass.
    ///   - capacity: how many states go through at once at most.
    package init(parameters: NetworkParameters, capacity: Int) {
        self.parameters = parameters
        input = FloatMatrix(rows: capacity, columns: parameters.shape.inputs)
        gradient = NetworkParameters(shape: parameters.shape)
        outputs = parameters.layers.map { FloatMatrix(rows: capacity, columns: $0.weight.rows) }
        deltas = parameters.layers.map { FloatMatrix(rows: capacity, columns: $0.weight.rows) }
    }

    /// V of the first `count` states.
    package func forward(count: Int) -> [Float] {
        var previous = input
        for (index, layer) in parameters.layers.enumerated() {
            let output = outputs[index]
            for row in 0..<count { output.copyRow(row, from: layer.bias, row: 0) }
            DenseProducts.multiply(previous, byTransposed: layer.weight, rows: count, into: output, adding: true)
            if index + 1 < outputs.count {
                for row in 0..<count { output.withMutableRow(row) { FloatKernels.rectify(&$0) } }
            }
            previous = output
        }
        return (0..<count).map { previous.withRow($0) { $0[0] } }
    }

    /// ∇V(hᵢ) · sᵢ: how V changes along directions, at the states of the last forward pass; their memory for ``backward(_:count:)`` is used up.
    ///
    /// - Parameters:
    ///   - directions: s, a row for each state.
    ///   - count: how many states.
    package func slopes(along directions: FloatMatrix, count: Int) -> [Float] {
        var previous = directions
        for (index, layer) in parameters.layers.enumerated() {
            DenseProducts.multiply(previous, byTransposed: layer.weight, rows: count, into: deltas[index])
            if index + 1 < outputs.count {
                for row in 0..<count {
                    deltas[index].withMutableRow(row) { slope in outputs[index].withRow(row) { FloatKernels.mask(&slope, where: $0) } }
                }
            }
            previous = deltas[index]
        }
        return (0..<count).map { previous.withRow($0) { $0[0] } }
    }

    /// Adds Σ dᵢ ∂V(hᵢ) to the ``gradient``, for the states of the last forward pass.
    ///
    /// - Parameters:
    ///   - derivatives: dᵢ, the loss's derivative by every state's value.
    ///   - count: how many states.
    package func backward(_ derivatives: [Float], count: Int) {
        let last = outputs.count - 1
        for row in 0..<count { deltas[last].withMutableRow(row) { $0[0] = derivatives[row] } }
        for index in stride(from: last, through: 0, by: -1) {
            let (layer, delta) = (gradient.layers[index], deltas[index])
            DenseProducts.addProduct(transposed: delta, index == 0 ? input : outputs[index - 1], rows: count, to: layer.weight)
            layer.bias.withMutableRow(0) { sums in
                for row in 0..<count {
                    delta.withRow(row) { values in
                        for column in 0..<sums.count { sums[column] += values[column] }
                    }
                }
            }
            guard index > 0 else { return }
            DenseProducts.multiply(delta, by: parameters.layers[index].weight, rows: count, into: deltas[index - 1])
            // ρ lets a derivative through where what it gave is above 0.
            for row in 0..<count {
                deltas[index - 1].withMutableRow(row) { values in
                    outputs[index - 1].withRow(row) { FloatKernels.mask(&values, where: $0) }
                }
            }
        }
    }
}
