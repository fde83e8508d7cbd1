import Compute

/// Falcon (arXiv:2311.16867): attention and feed-forward network read the same stream side by side; all query heads share few key-value heads.
///
///     tokens → embedding → [ x + attention(norm x) + feedForward(norm x) ] × layers → norm → output
struct Falcon: Architecture {
    let embedding: Embedding
    let blocks: [FalconBlock]
    let finalNorm: any Normalization
    let output: WeightMatrix
    private let rotary: RotaryEmbedding

    init(_ configuration: ModelConfiguration, _ loader: inout TensorLoader) throws(ModelError) {
        embedding = try Embedding("token_embd.weight", output: "output.weight", configuration, &loader)
        rotary = try RotaryEmbedding(configuration.rotary, .halves, &loader)
        var blocks: [FalconBlock] = []
        for layer in 0..<configuration.layerCount {
            blocks.append(try FalconBlock(layer: layer, configuration, rotary, &loader))
        }
        self.blocks = blocks
        finalNorm = try LayerNorm("output_norm", configuration, &loader)
        output = try embedding.untiedOutput("output.weight", configuration, &loader) ?? embedding.weight
    }

    func forward(_ pass: ForwardPass) {
        embedding.forward(into: pass.residual, pass)
        rotary.prepare(pass)
        for block in blocks { block.forward(pass.residual, pass) }
    }
}
