/// Llama (arXiv:2302.13971, arXiv:2307.09288) and what is built like it: SmolLM2, Llama 3, Vicuna, Mistral.
///
///     tokens → embedding → [ x + attention(norm x) → x + feedForward(norm x) ] × layers → norm → output
enum Llama: Architecture {
    static func decoder(_ configuration: ModelConfiguration, _ loader: inout TensorLoader) throws(ModelError) -> Decoder {
        let layout: RotaryEmbedding.Layout = loader.conventions.turnsHalves ? .halves : .neighbours
        let rotary = try RotaryEmbedding(configuration.rotary, layout, divisors: "rope_freqs.weight", &loader)
        return try Decoder(configuration, &loader, rotaries: [rotary]) { layer, loader throws(ModelError) in
            try PreNormBlock(layer: layer, configuration, rotary, &loader)
        }
    }
}
