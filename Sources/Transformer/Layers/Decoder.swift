import Compute

/// What all architectures have in common: tokens → embedding → blocks → norm → output.
struct Decoder: Sendable {
    let embedding: Embedding
    let rotaries: [RotaryEmbedding]
    let blocks: [any TransformerBlock]
    /// The norm before the output matrix: what comes out of it are the hidden states that control moves.
    let finalNorm: any Normalization
    /// Final hidden states to logits: a matrix of its own, or the embeddings where the file has none.
    let output: WeightMatrix

    /// Takes the weights.
    ///
    /// - Parameters:
    ///   - rotaries: whose angles blocks use.
    ///   - embeddingScale: what embeddings are multiplied by.
    ///   - finalNorm: takes the norm before the output matrix; nil for RMSNorm.
    ///   - block: takes a block, by its number from 0.
    init(
        _ configuration: ModelConfiguration,
        _ loader: inout TensorLoader,
        rotaries: [RotaryEmbedding],
        embeddingScale: Float = 1,
        finalNorm: ((inout TensorLoader) throws(ModelError) -> any Normalization)? = nil,
        block: (_ layer: Int, inout TensorLoader) throws(ModelError) -> any TransformerBlock
    ) throws(ModelError) {
        embedding = try Embedding("token_embd.weight", output: "output.weight", scale: embeddingScale, configuration, &loader)
        self.rotaries = rotaries
        var blocks: [any TransformerBlock] = []
        for layer in 0..<configuration.layerCount { blocks.append(try block(layer, &loader)) }
        self.blocks = blocks
        if let finalNorm {
            self.finalNorm = try finalNorm(&loader)
        } else {
            self.finalNorm = try RMSNorm("output_norm.weight", configuration, &loader)
        }
        output = try embedding.untiedOutput("output.weight", configuration, &loader) ?? embedding.weight
    }

    /// Runs the pass's tokens through the embedding and all blocks; leaves the residual stream in `pass.residual`.
    ///
    /// - Parameter after: is shown the residual stream behind every block, and may change it.
    func forward(_ pass: ForwardPass, after: (_ layer: Int, _ residual: FloatMatrix) -> Void) {
        embedding.forward(into: pass.residual, pass)
        for rotary in rotaries { rotary.prepare(pass) }
        for (layer, block) in blocks.enumerated() {
            block.forward(pass.residual, pass)
            after(layer, pass.residual)
        }
    }
}
