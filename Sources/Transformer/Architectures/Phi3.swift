import Compute

/// Phi-3 and Phi-4-mini (arXiv:2404.14219): Llama's blocks, with queries, keys and values from one matrix, and the feed-forward network's gate from one with the rest.
///
///     tokens → embedding → [ x + attention(norm x) → x + feedForward(norm x) ] × layers → norm → output
struct Phi3: Architecture {
    let embedding: Embedding
    let blocks: [PreNormBlock]
    let finalNorm: any Normalization
    let output: WeightMatrix
    private let rotary: RotaryEmbedding

    init(_ configuration: ModelConfiguration, _ loader: inout TensorLoader) throws(ModelError) {
        embedding = try Embedding("token_embd.weight", output: "output.weight", configuration, &loader)
        rotary = try RotaryEmbedding(configuration.rotary, .halves, divisors: Self.divisors(configuration), &loader)
        var blocks: [PreNormBlock] = []
        for layer in 0..<configuration.layerCount {
            blocks.append(try PreNormBlock(layer: layer, inputs: .fused, isFused: true, configuration, rotary, &loader))
        }
        self.blocks = blocks
        // The file has both sets of divisors; one is of use.
        for name in ["rope_factors_long.weight", "rope_factors_short.weight"] { loader.skip(name) }
        finalNorm = try RMSNorm("output_norm.weight", configuration, &loader)
        output = try embedding.untiedOutput("output.weight", configuration, &loader) ?? embedding.weight
    }

    func forward(_ pass: ForwardPass) {
        embedding.forward(into: pass.residual, pass)
        rotary.prepare(pass)
        for block in blocks { block.forward(pass.residual, pass) }
    }

    /// What long contexts divide frequencies by (LongRoPE, arXiv:2402.13753).
    private static func divisors(_ configuration: ModelConfiguration) -> String? {
        guard case .longRope(let isLong, _) = configuration.rotary.scaling else { return nil }
        return isLong ? "rope_factors_long.weight" : "rope_factors_short.weight"
    }
}
