import Compute

/// Adam (Kingma and Ba, arXiv:1412.6980, algorithm 1) on a loss to which weight decay w adds w/2 times the squares of all weights. Decoupled
/// decay (Loshchilov and Hutter, arXiv:1711.05101) foretells as well, but its heads steer worse: it weighs directions of states by how noisy
/// their derivatives are, where the penalty makes those fade along which states hardly vary.
package final class AdamOptimizer {
    /// How many steps were done.
    var step = 0
    let firstMoment: NetworkParameters
    let secondMoment: NetworkParameters
    private let weightDecay: Float
    private let (beta1, beta2, epsilon): (Float, Float, Float) = (0.9, 0.999, 1e-8)

    package init(shape: NetworkShape, weightDecay: Float) {
        self.weightDecay = weightDecay
        firstMoment = NetworkParameters(shape: shape)
        secondMoment = NetworkParameters(shape: shape)
    }

    /// Moves parameters against a gradient. Biases do not decay.
    ///
    /// - Parameters:
    ///   - parameters: what moves.
    ///   - gradient: the derivatives.
    ///   - scale: multiplies them.
    ///   - rate: the learning rate of this step.
    package func update(_ parameters: NetworkParameters, gradient: NetworkParameters, scale: Float, rate: Float) {
        step += 1
        let correction1 = 1 - power(beta1, step)
        let correction2 = 1 - power(beta2, step)
        for (place, (matrix, isWeight)) in parameters.matrices.enumerated() {
            let decay = isWeight ? weightDecay : 0
            let (derivatives, first, second) = (
                gradient.matrices[place].matrix, firstMoment.matrices[place].matrix, secondMoment.matrices[place].matrix
            )
            for row in 0..<matrix.rows {
                matrix.withMutableRow(row) { x in
                    first.withMutableRow(row) { m in
                        second.withMutableRow(row) { v in
                            derivatives.withRow(row) { g in
                                for column in 0..<x.count {
                                    let derivative = g[column] * scale + decay * x[column]
                                    m[column] = beta1 * m[column] + (1 - beta1) * derivative
                                    v[column] = beta2 * v[column] + (1 - beta2) * derivative * derivative
                                    let change = m[column] / correction1 / ((v[column] / correction2).squareRoot() + epsilon)
                                    x[column] -= rate * change
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    private func power(_ base: Float, _ exponent: Int) -> Float {
        var (result, factor, rest) = (Float(1), base, exponent)
        while rest > 0 {
            if rest & 1 == 1 { result *= factor }
            factor *= factor
            rest >>= 1
        }
        return result
    }
}
