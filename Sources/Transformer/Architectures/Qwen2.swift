import Compute

/// Qwen2 and Qwen2.5 (arXiv:2407.10671): Llama's blocks, with biases of queries, keys and values.
///
///     tokens → embedding → [ x + attention(norm x) → x + feedForward(norm x) ] × layers → norm → output
struct Qwen2: Architecture {
    let embedding: Embedding
    let blocks: [PreNormBlock]
    let finalNorm: any Normalization
    let output: WeightMatrix
    private let rotary: RotaryEmbedding

    init(_ configuration: ModelConfiguration, _ loader: inout TensorLoader) throws(ModelError) {
        embedding = try Embedding("token_embd.weight", output: "output.weight", configuration, &loader)
        rotary = try RotaryEmbedding(configuration.rotary, .halves, &loader)
        var blocks: [PreNormBlock] = []
        for layer in 0..<configuration.layerCount {
            blocks.append(try PreNormBlock(layer: layer, inputs: .biased, configuration, rotary, &loader))
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
