import Compute

/// SwiGLU and its like (arXiv:2002.05202): y = down · (activation(gate x) ⊙ up x).
struct GatedFeedForward: Sendable {
    let gate: WeightMatrix
    let up: WeightMatrix
    let down: WeightMatrix
    let activation: Activation

    /// - Parameter isFused: whether the file has the gate's rows and the others in one matrix, the gate's first.
    init(
        _ prefix: String,
        activation: Activation = .silu,
        isFused: Bool = false,
        _ configuration: ModelConfiguration,
        _ loader: inout TensorLoader
    ) throws(ModelError) {
        let (hidden, inner) = (configuration.hiddenSize, configuration.feedForwardSize)
        if isFused {
            gate = try loader.matrix("\(prefix).ffn_up.weight", parts: [0..<inner], of: 2 * inner, columns: hidden)
            up = try loader.matrix("\(prefix).ffn_up.weight", parts: [inner..<2 * inner], of: 2 * inner, columns: hidden)
        } else {
            gate = try loader.matrix("\(prefix).ffn_gate.weight", rows: inner, columns: hidden)
            up = try loader.matrix("\(prefix).ffn_up.weight", rows: inner, columns: hidden)
        }
        down = try loader.matrix("\(prefix).ffn_down.weight", rows: hidden, columns: inner)
        self.activation = activation
    }

    func forward(_ x: FloatMatrix, into y: FloatMatrix, _ pass: ForwardPass) {
        pass.takeInput(x, quantized: gate.isQuantized || up.isQuantized)
        pass.multiply(byGate: gate, activation, times: up, into: pass.gate, scratch: pass.up)
        pass.takeInput(pass.gate, quantized: down.isQuantized)
        pass.multiply(by: down, into: y)
    }
}
