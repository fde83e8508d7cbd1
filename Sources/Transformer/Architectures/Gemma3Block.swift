import Compute

/// One block of ``Gemma3``.
struct Gemma3Block: TransformerBlock {
    let attentionNorm: RMSNorm
    let attention: Attention
    let attentionOutputNorm: RMSNorm
    let feedForwardNorm: RMSNorm
    let feedForward: GatedFeedForward
    let feedForwardOutputNorm: RMSNorm

    /// The 27B model, alone, divides queries by the root of another width than its heads have; most files do not say so.
    private static let largestLayerCount = 62

    /// - Parameter window: how many positions back its tokens attend; nil for all.
    init(
        layer: Int,
        window: Int?,
        _ configuration: ModelConfiguration,
        _ rotary: RotaryEmbedding,
        _ loader: inout TensorLoader
    ) throws(ModelError) {
        let prefix = "blk.\(layer)"
        let metadata = loader.metadata(configuration)
        let width =
            configuration.layerCount == Self.largestLayerCount ? configuration.hiddenSize / configuration.headCount : configuration.headSize
        attentionNorm = try RMSNorm("\(prefix).attn_norm.weight", configuration, &loader)
        attention = try Attention(
            prefix,
            layer: layer,
            inputs: .normalized,
            window: window,
            scale: Float(try metadata.number("attention.scale", in: 1e-6...1e6, default: 1 / Double(width).squareRoot())),
            configuration,
            rotary,
            &loader
        )
        attentionOutputNorm = try RMSNorm("\(prefix).post_attention_norm.weight", configuration, &loader)
        feedForwardNorm = try RMSNorm("\(prefix).ffn_norm.weight", configuration, &loader)
        feedForward = try GatedFeedForward(prefix, activation: .tanhGELU, configuration, &loader)
        feedForwardOutputNorm = try RMSNorm("\(prefix).post_ffw_norm.weight", configuration, &loader)
    }

    func forward(_ x: FloatMatrix, _ pass: ForwardPass) {
        attentionNorm.forward(x, into: pass.normed, pass)
        attention.forward(pass.normed, into: pass.projected, pass)
        attentionOutputNorm.forward(pass.projected, into: pass.projected, pass)
        pass.add(pass.projected, to: x)

        feedForwardNorm.forward(x, into: pass.normed, pass)
        feedForward.forward(pass.normed, into: pass.projected, pass)
        feedForwardOutputNorm.forward(pass.projected, into: pass.projected, pass)
        pass.add(pass.projected, to: x)
    }
}
