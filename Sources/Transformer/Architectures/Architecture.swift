import Compute

/// A kind of transformer: from tokens to final hidden states.
protocol Architecture: Sendable {
    /// Takes the weights.
    init(_ configuration: ModelConfiguration, _ loader: inout TensorLoader) throws(ModelError)

    /// Runs the pass's tokens through the embedding and all blocks; leaves the residual stream in `pass.residual`.
    func forward(_ pass: ForwardPass)

    /// The norm before the output matrix: what comes out of it are the hidden states that control moves.
    var finalNorm: any Normalization { get }

    /// Final hidden states to logits.
    var output: WeightMatrix { get }
}
