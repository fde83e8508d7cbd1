import Compute

/// SwiGLU (arXiv:2002.05202): y = down · (silu(gate x) ⊙ up x).
struct GatedFeedForward: Sendable {
    let gate: WeightMatrix
    let up: WeightMatrix
    let down: WeightMatrix

    init(_ prefix: String, _ configuration: ModelConfiguration, _ loader: inout TensorLoader) throws(ModelError) {
        let (hidden, inner) = (configuration.hiddenSize, configuration.feedForwardSize)
        gate = try loader.matrix("\(prefix).ffn_gate.weight", rows: inner, columns: hidden)
        up = try loader.matrix("\(prefix).ffn_up.weight", rows: inner, columns: hidden)
        down = try loader.matrix("\(prefix).ffn_down.weight", rows: hidden, columns: inner)
    }

    func forward(_ x: FloatMatrix, into y: FloatMatrix, _ pass: ForwardPass) {
        pass.takeInput(x, quantized: gate.isQuantized || up.isQuantized)
        pass.multiply(bySiLU: gate, times: up, into: pass.gate, scratch: pass.up)
        pass.takeInput(pass.gate, quantized: down.isQuantized)
        pass.multiply(by: down, into: y)
    }
}
