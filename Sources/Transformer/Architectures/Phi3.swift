/// Phi-3 and Phi-4-mini (arXiv:2404.14219): Llama's blocks, with queries, keys and values from one matrix, and the feed-forward network's gate from one
/// with the rest.
///
///     tokens → embedding → [ x + attention(norm x) → x + feedForward(norm x) ] × layers → norm → output
enum Phi3: Architecture {
    static func decoder(_ configuration: ModelConfiguration, _ loader: inout TensorLoader) throws(ModelError) -> Decoder {
        let rotary = try RotaryEmbedding(configuration.rotary, .halves, divisors: divisors(configuration), &loader)
        // The file has both sets of divisors; one is of use.
        for name in ["rope_factors_long.weight", "rope_factors_short.weight"] { loader.skip(name) }
        return try Decoder(configuration, &loader, rotaries: [rotary]) { layer, loader throws(ModelError) in
            try PreNormBlock(layer: layer, inputs: .fused, isFused: true, configuration, rotary, &loader)
        }
    }

    /// What long contexts divide frequencies by (LongRoPE, arXiv:2402.13753).
    private static func divisors(_ configuration: ModelConfiguration) -> String? {
        guard case .longRope(let isLong, _) = configuration.rotary.scaling else { return nil }
        return isLong ? "rope_factors_long.weight" : "rope_factors_short.weight"
    }
}
