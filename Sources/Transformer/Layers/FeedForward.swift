import Compute

/// The feed-forward network without a gate: y = down · gelu(up x).
struct FeedForward: Sendable {
    let up: WeightMatrix
    let down: WeightMatrix

    init(_ prefix: String, _ configuration: ModelConfiguration, _ loader: inout TensorLoader) throws(ModelError) {
        let (hidden, inner) = (configuration.hiddenSize, configuration.feedForwardSize)
        up = try loader.matrix("\(prefix).ffn_up.weight", rows: inner, columns: hidden)
        down = try loader.matrix("\(prefix).ffn_down.weight", rows: hidden, columns: inner)
    }

    func forward(_ x: FloatMatrix, into y: FloatMatrix, _ pass: ForwardPass) {
        pass.takeInput(x, quantized: up.isQuantized)
        pass.multiply(byActivated: up, into: pass.up)
        pass.takeInput(pass.up, quantized: down.isQuantized)
        pass.multiply(by: down, into: y)
    }
}
