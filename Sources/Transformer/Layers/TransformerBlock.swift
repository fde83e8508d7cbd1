import Compute

/// One block of a transformer.
protocol TransformerBlock: Sendable {
    /// Adds to the residual stream x, for the pass's rows.
    func forward(_ x: FloatMatrix, _ pass: ForwardPass)
}
