import Compute

/// The block of Llama and most of what came after it: each sublayer reads a norm of the residual stream, and adds to the stream.
///
///     x → x + attention(norm x) → x + feedForward(norm x)
struct PreNormBlock: TransformerBlock {
    let attentionNorm: RMSNorm
    let attention: Attention
    let feedForwardNorm: RMSNorm
    let feedForward: GatedFeedForward

    /// - Parameters:
    ///   - kind: how queries, keys and values are made.
    ///   - isFused: whether the file has the feed-forward network's gate and the other matrix in one.
    init(
        layer: Int,
        inputs kind: AttentionInputs.Kind = [],
        isFused: Bool = false,
        _ configuration: ModelConfiguration,
        _ rotary: RotaryEmbedding,
        _ loader: inout TensorLoader
    ) throws(ModelError) {
        let prefix = "blk.\(layer)"
        attentionNorm = try RMSNorm("\(prefix).attn_norm.weight", configuration, &loader)
        attention = try Attention(prefix, layer: layer, inputs: kind, window: configuration.slidingWindow, configuration, rotary, &loader)
        feedForwardNorm = try RMSNorm("\(prefix).ffn_norm.weight", configuration, &loader)
        feedForward = try GatedFeedForward(prefix, isFused: isFused, configuration, &loader)
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
