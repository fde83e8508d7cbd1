import Compute

/// What a gate goes through before it is multiplied.
enum Activation: Sendable {
    /// x · sigmoid(x) (arXiv:1702.03118).
    case silu
    /// GELU by its approximation with the hyperbolic tangent (arXiv:1606.08415).
    case tanhGELU

    /// gate = activation(gate) · up
    func multiply(_ gate: UnsafeMutablePointer<Float>, by up: UnsafePointer<Float>, count: Int) {
        switch self {
        case .silu: FloatKernels.multiplySiLU(gate, by: up, count: count)
        case .tanhGELU: FloatKernels.multiplyTanhGELU(gate, by: up, count: count)
        }
    }
}
