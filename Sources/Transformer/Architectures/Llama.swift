import Compute

/// Llama (arXiv:2302.13971, arXiv:2307.09288) and what is built like it: SmolLM2, Llama 3, Vicuna, Mistral.
///
///     tokens → embedding → [ x + attention(norm x) → x + feedForward(norm x) ] × layers → norm → output
struct Llama: Architecture {
    let embedding: Embedding
    let blocks: [PreNormBlock]
    let finalNorm: any Normalization
    let output: WeightMatrix
    private let rotary: RotaryEmbedding

    init(_ configuration: ModelConfiguration, _ loader: inout TensorLoader) throws(ModelError) {
        embedding = try Embedding("token_embd.weight", output: "output.weight", configuration, &loader)
        rotary = try RotaryEmbedding(configuration.rotary, .neighbours, divisors: "rope_freqs.weight", &loader)
        var blocks: [PreNormBlock] = []
        for layer in 0..<configuration.layerCount {
            blocks.append(try PreNormBlock(layer: layer, configuration, rotary, &loader))
        }
        self.blocks = blocks
        finalNorm = try RMSNorm("output_norm.weight", configuration, &loader)
        output = try embedding.untiedOutput("output.weight", configuration, &loader) ?? embedding.weight
    }

    func forward(_ pass: ForwardPass) {
        embedding.forward(into: pass.residual, pass)
        rotary.prepare(pass)
        for block in blocks { block.forward(pass.residual, pass) }
    }
}
