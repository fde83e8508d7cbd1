import Compute
import Inference

/// A weight matrix and a bias for each layer: a network's parameters, their gradient, or an optimizer's moments.
package final class NetworkParameters {
    /// One layer's numbers.
    package struct Layer {
        /// [outputs, inputs]
        package let weight: FloatMatrix
        /// [1, outputs]
        package let bias: FloatMatrix
    }

    package let shape: NetworkShape
    package let layers: [Layer]

    /// All zeros.
    package init(shape: NetworkShape) {
        self.shape = shape
        layers = shape.sizes.map {
            Layer(weight: FloatMatrix(rows: $0.outputs, columns: $0.inputs), bias: FloatMatrix(rows: 1, columns: $0.outputs))
        }
    }

    /// A head's, for states as they are.
    convenience init(_ head: TrainedHead) {
        self.init(shape: head.shape)
        for (matrix, tensor) in zip(layers.flatMap { [$0.weight, $0.bias] }, head.tensors) { matrix.setValues(tensor.values) }
    }

    /// Every matrix, with whether weight decay is for it.
    var matrices: [(matrix: FloatMatrix, isWeight: Bool)] {
        layers.flatMap { [($0.weight, true), ($0.bias, false)] }
    }

    /// Random weights of a layer with n inputs, uniform within ±1/√n, biases likewise: PyTorch's default for linear layers.
    package func randomize(seed: UInt64) {
        var random = RandomSource(seed: seed)
        for layer in layers {
            let bound = 1 / Double(layer.weight.columns).squareRoot()
            for matrix in [layer.weight, layer.bias] {
                matrix.forEachRow { _, row in
                    for column in 0..<row.count { row[column] = Float((random.uniform() * 2 - 1) * bound) }
                }
            }
        }
    }

    /// Sets every number to 0.
    package func clear() {
        for (matrix, _) in matrices { matrix.forEachRow { _, row in row.update(repeating: 0) } }
    }

    /// Takes another's numbers.
    func copy(_ other: NetworkParameters) {
        for (mine, theirs) in zip(matrices, other.matrices) {
            for row in 0..<mine.matrix.rows { mine.matrix.copyRow(row, from: theirs.matrix, row: row) }
        }
    }

    /// Adds another's numbers.
    func add(_ other: NetworkParameters) {
        for (mine, theirs) in zip(matrices, other.matrices) {
            mine.matrix.forEachRow { index, row in
                theirs.matrix.withRow(index) { addend in
                    for column in 0..<row.count { row[column] += addend[column] }
                }
            }
        }
    }
}
