import Compute

/// activation(gate · input) ⊙ (up · input), left where the gate's product goes. Its items are the rows of the matrices, which are of one size.
struct GatedProduct: TeamWork {
    let gate: MatrixProduct
    let up: MatrixProduct
    let activation: Activation

    func run(_ rows: Range<Int>) {
        gate.run(rows)
        up.run(rows)
        for vector in 0..<gate.count {
            guard let gated = gate.outputs(of: vector), let factors = up.outputs(of: vector) else { return }
            activation.multiply(gated + rows.lowerBound, by: factors + rows.lowerBound, count: rows.count)
        }
    }
}
