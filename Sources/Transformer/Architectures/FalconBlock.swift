import Compute

/// One block of ``Falcon``. The larger models have a norm for each sublayer, the small one shares one.
struct FalconBlock: TransformerBlock {
    let norm: LayerNorm
    let attentionNorm: LayerNorm?
    let attention: Attention
    let feedForward: FeedForward

    init(layer: Int, _ configuration: ModelConfiguration, _ rotary: RotaryEmbedding, _ loader: inout TensorLoader) throws(ModelError) {
        let prefix = "blk.\(layer)"
        norm = try LayerNorm("\(prefix).attn_norm", configuration, &loader)
        attentionNorm = loader.has("\(prefix).attn_norm_2.weight") ? try LayerNorm("\(prefix).attn_norm_2", configuration, &loader) : nil
        attention = try Attention(prefix, layer: layer, inputs: .fused, window: configuration.slidingWindow, configuration, rotary, &loader)
        feedForward = try FeedForward(prefix, configuration, &loader)
    }

    func forward(_ x: FloatMatrix, _ pass: ForwardPass) {
        (attentionNorm ?? norm).forward(x, into: pass.normed, pass)
        attention.forward(pass.normed, into: pass.projected, pass)

        // Of x as it was before attention added to it.
        norm.forward(x, into: pass.normed, pass)
        pass.add(pass.projected, to: x)
        feedForward.forward(pass.normed, into: pass.projected, pass)
        pass.add(pass.projected, to: x)
    }
}
