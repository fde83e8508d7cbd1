import Control
import ModelFiles

/// RE-Control's optimization in double precision, as plainly as it can be written: what both paths are tested against.
struct ReferenceAscent {
    private struct Layer {
        let weight: [Double]
        let bias: [Double]
        let columns: Int
    }

    private let heads: [(layers: [Layer], weight: Double)]

    init(_ heads: [WeightedHead]) throws {
        self.heads = try heads.map { head in
            let file = try SafetensorsFile(bytes: head.valueFunction.serialized())
            let names = file.tensors.keys.filter { $0.hasSuffix(".weight") }.sorted { $0.count == $1.count ? $0 < $1 : $0.count < $1.count }
            let layers = try names.map { name in
                Layer(
                    weight: try file.floats(name).map(Double.init),
                    bias: try file.floats(name.replacing(".weight", with: ".bias")).map(Double.init),
                    columns: try file.tensor(name).shape[1]
                )
            }
            return (layers, Double(head.weight))
        }
    }

    /// V and its gradient.
    func evaluate(_ state: [Double]) -> (value: Double, gradient: [Double]) {
        var (value, gradient) = (0.0, [Double](repeating: 0, count: state.count))
        for head in heads {
            var (inputs, activations) = ([[Double]](), state)
            for layer in head.layers {
                inputs.append(activations)
                let outputs = layer.bias.indices.map { row in
                    layer.bias[row] + (0..<layer.columns).reduce(0) { $0 + layer.weight[row * layer.columns + $1] * activations[$1] }
                }
                activations = layer.bias.count == 1 ? outputs : outputs.map { max($0, 0) }
            }
            value += head.weight * activations[0]
            var above = [1.0]
            for (layer, input) in zip(head.layers, inputs).reversed() {
                above = input.indices.map { column in
                    let sum = above.indices.reduce(0) { $0 + layer.weight[$1 * layer.columns + column] * above[$1] }
                    // Inputs of later layers are rectified: 0 means inactive. The state itself is not.
                    return input == state || input[column] > 0 ? sum : 0
                }
            }
            for i in gradient.indices { gradient[i] += head.weight * above[i] }
        }
        return (value, gradient)
    }

    /// The state h + u, V before and after, and the steps taken.
    func steer(_ state: [Float], _ settings: ControlSettings) -> (state: [Double], before: Double, after: Double, steps: Int) {
        let start = state.map(Double.init)
        func norm(_ values: [Double]) -> Double { values.reduce(0) { $0 + $1 * $1 }.squareRoot() }
        func moved(_ signal: [Double]) -> [Double] { zip(start, signal).map { $0 + $1 } }
        var (signal, steps) = ([Double](repeating: 0, count: start.count), 0)
        while steps < settings.steps {
            let here = evaluate(moved(signal))
            if let target = settings.targetValue, here.value >= Double(target) { break }
            for i in signal.indices {
                signal[i] += Double(settings.stepSize) * (here.gradient[i] - 2 * Double(settings.regularization) * signal[i])
            }
            if let maxNorm = settings.maxNorm {
                let (length, longest) = (norm(signal), Double(maxNorm) * norm(start))
                if length > longest { signal = signal.map { $0 * longest / length } }
            }
            steps += 1
        }
        return (moved(signal), evaluate(start).value, evaluate(moved(signal)).value, steps)
    }
}
