import Compute

/// One block of ``Llama``.
struct LlamaBlock: Sendable {
    let attentionNorm: RMSNorm
    let attention: Attention
    let feedForwardNorm: RMSNorm
    let feedForward: GatedFeedForward

    init(layer: Int, _ configuration: ModelConfiguration, _ rotary: RotaryEmbedding, _ loader: inout TensorLoader) throws(ModelError) {
        let prefix = "blk.\(layer)"
        attentionNorm = try RMSNorm("\(prefix).attn_norm.weight", configuration, &loader)
        attention = try Attention(prefix, layer: layer, configuration, rotary, &loader)
        feedForwardNorm = try RMSNorm("\(prefix).ffn_norm.weight", configuration, &loader)
        feedForward = try GatedFeedForward(prefix, configuration, &loader)
    }

    func forward(_ x: FloatMatrix, _ pass: ForwardPass) {
        attentionNorm.forward(x, into: pass.normed, pass)
        attention.forward(pass.normed, into: pass.projected, pass)
        pass.add(pass.projected, to: x)

        feedForwardNorm.forward(x, into: pass.normed, pass)
        feedForward.forward(pass.normed, into: pass.projected, pass)
        pass.add(pass.projected, to: x)
    }
}
