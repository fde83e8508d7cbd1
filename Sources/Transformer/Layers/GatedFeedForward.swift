import Compute

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

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
        pass.multiply(by: gate, into: pass.gate)
        pass.multiply(by: up, into: pass.up)
        let chunk = 64
        let chunks = (gate.rows + chunk - 1) / chunk
        pass.team.split(pass.count * chunks) { items in
            for item in items {
                let (row, first) = (item / chunks, item % chunks * chunk)
                let (g, u) = (pass.gate.pointer(row: row), pass.up.pointer(row: row))
                for i in first..<min(first + chunk, gate.rows) { g[i] = g[i] / (1 + expf(-g[i])) * u[i] }
            }
        }
        pass.takeInput(pass.gate, quantized: down.isQuantized)
        pass.multiply(by: down, into: y)
    }
}
