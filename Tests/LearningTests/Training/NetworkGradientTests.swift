import Compute
import Learning
import Testing

@Suite("Gradients of networks")
struct NetworkGradientTests {
    /// A network's loss on some states, and its gradient by backpropagation.
    private func pass(
        _ parameters: NetworkParameters,
        _ states: [[Float]],
        loss: (ArraySlice<Float>) -> (loss: Double, terms: Int, derivatives: [Float])
    ) -> (loss: Double, gradient: NetworkParameters) {
        let pass = NetworkPass(parameters: parameters, capacity: states.count)
        for (row, state) in states.enumerated() { pass.input.setRow(row, to: state) }
        let outcome = loss(pass.forward(count: states.count)[...])
        pass.backward(outcome.derivatives, count: states.count)
        return (outcome.loss, pass.gradient)
    }

    private func check(layers: Int, loss: (ArraySlice<Float>) -> (loss: Double, terms: Int, derivatives: [Float])) throws {
        let parameters = NetworkParameters(shape: try NetworkShape(inputs: 5, hidden: 7, layers: layers))
        parameters.randomize(seed: 3)
        // Wider than training begins with, so that the derivatives are not small.
        for layer in parameters.layers {
            for row in 0..<layer.weight.rows { layer.weight.setRow(row, to: layer.weight.row(row).map { $0 * 2.5 }) }
        }
        let states: [[Float]] = (0..<6).map { row in (0..<5).map { Float((row * 7 + $0 * 3) % 11) / 5 - 1 } }
        let (_, gradient) = pass(parameters, states, loss: loss)
        var (compared, largest) = (0, Float(0))
        for (layer, derivatives) in zip(parameters.layers, gradient.layers) {
            for (matrix, expected) in [(layer.weight, derivatives.weight), (layer.bias, derivatives.bias)] {
                for row in 0..<matrix.rows {
                    for column in 0..<matrix.columns {
                        let step: Float = 1 / 256
                        var values = matrix.row(row)
                        let kept = values[column]
                        values[column] = kept + step
                        matrix.setRow(row, to: values)
                        let above = pass(parameters, states, loss: loss).loss
                        values[column] = kept - step
                        matrix.setRow(row, to: values)
                        let below = pass(parameters, states, loss: loss).loss
                        values[column] = kept
                        matrix.setRow(row, to: values)
                        let slope = Float(above - below) / (2 * step)
                        let found = expected.row(row)[column]
                        #expect(
                            abs(slope - found) <= 0.01 * max(1, abs(slope)),
                            "row \(row), column \(column): \(found), by differences \(slope)"
                        )
                        largest = max(largest, abs(found))
                        compared += 1
                    }
                }
            }
        }
        // Neither a network that says nothing nor a gradient of zeros would have shown anything.
        #expect(compared > 40 && largest > 0.1)
    }

    @Test("those of the squared error are the finite differences", arguments: [2, 3])
    func squaredError(layers: Int) throws {
        let targets: [Float] = [1, -0.5, 0.3, 0.8, -1, 0.1]
        try check(layers: layers) { ValueObjective.loss(values: $0, targets: targets) }
    }

    @Test("those of the preference loss are the finite differences", arguments: [2, 3])
    func preferences(layers: Int) throws {
        try check(layers: layers) { values in
            let pairs = stride(from: 0, to: 6, by: 2).map { PreferenceObjective.loss(values: values[$0..<$0 + 2]) }
            return (pairs.reduce(0) { $0 + $1.loss }, 3, pairs.flatMap(\.derivatives))
        }
    }

    @Test("slopes along directions are the finite differences", arguments: [2, 3])
    func slopes(layers: Int) throws {
        let parameters = NetworkParameters(shape: try NetworkShape(inputs: 5, hidden: 7, layers: layers))
        parameters.randomize(seed: 3)
        let (pass, directions) = (NetworkPass(parameters: parameters, capacity: 4), FloatMatrix(rows: 4, columns: 5))
        let states: [[Float]] = (0..<4).map { row in (0..<5).map { Float((row * 7 + $0 * 3) % 11) / 5 - 1 } }
        for row in 0..<4 { directions.setRow(row, to: (0..<5).map { Float(($0 * 5 + row * 3) % 7) - 3 }) }
        func values(_ step: Float) -> [Float] {
            for row in 0..<4 { pass.input.setRow(row, to: zip(states[row], directions.row(row)).map { $0 + step * $1 }) }
            return pass.forward(count: 4)
        }
        let (above, below) = (values(1 / 512), values(-1 / 512))
        _ = values(0)
        let found = pass.slopes(along: directions, count: 4)
        for row in 0..<4 { #expect(abs(found[row] - (above[row] - below[row]) * 256) < 1e-3) }
        #expect(found.contains { abs($0) > 0.05 })
    }

    @Test("the preference loss is right where the exponential would overflow")
    func extremes() {
        let lost = PreferenceObjective.loss(values: [-400, 400])
        #expect(lost.loss == 800 && lost.derivatives == [-1, 1])
        let won = PreferenceObjective.loss(values: [400, -400])
        #expect(won.loss == 0 && won.derivatives == [0, 0])
    }

    @Test("Adam moves every parameter by the learning rate at first, and lets weights decay but no biases")
    func adam() throws {
        let shape = try NetworkShape(inputs: 2, hidden: 1, layers: 2)
        let (parameters, gradient) = (NetworkParameters(shape: shape), NetworkParameters(shape: shape))
        parameters.layers[0].weight.setRow(0, to: [1, -2])
        parameters.layers[0].bias.setRow(0, to: [1])
        gradient.layers[0].weight.setRow(0, to: [0.5, -3])
        gradient.layers[0].bias.setRow(0, to: [0.25])
        let optimizer = AdamOptimizer(shape: shape, weightDecay: 0.1)
        optimizer.update(parameters, gradient: gradient, scale: 2, rate: 0.01)
        let weight = parameters.layers[0].weight.row(0)
        #expect(abs(weight[0] - 0.99) < 1e-6 && abs(weight[1] + 1.99) < 1e-6)
        #expect(abs(parameters.layers[0].bias.row(0)[0] - 0.99) < 1e-6)
        // Second step by hand, corrected by 1 - 0.9² and 1 - 0.999². The weight's derivatives were 0.5·2 + 0.1·1 and 0.5·4 + 0.1·0.99, the bias's
        // 0.25·2 and 0.25·4.
        optimizer.update(parameters, gradient: gradient, scale: 4, rate: 0.01)
        func second(_ first: Double, _ second: Double) -> Double {
            let m = (0.9 * 0.1 * first + 0.1 * second) / 0.19
            let v = (0.999 * 0.001 * first * first + 0.001 * second * second) / 0.001999
            return 0.99 - 0.01 * m / v.squareRoot()
        }
        #expect(abs(Double(parameters.layers[0].weight.row(0)[0]) - second(1.1, 2.099)) < 1e-6)
        #expect(abs(Double(parameters.layers[0].bias.row(0)[0]) - second(0.5, 1)) < 1e-6)
    }
}
