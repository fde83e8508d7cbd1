/// Qwen3 (arXiv:2505.09388): Llama's blocks, with norms of each head's query and key.
///
///     tokens → embedding → [ x + attention(norm x) → x + feedForward(norm x) ] × layers → norm → output
enum Qwen3: Architecture {
    static func decoder(_ configuration: ModelConfiguration, _ loader: inout TensorLoader) throws(ModelError) -> Decoder {
        let rotary = try RotaryEmbedding(configuration.rotary, .halves, &loader)
        return try Decoder(configuration, &loader, rotaries: [rotary]) { layer, loader throws(ModelError) in
            try PreNormBlock(layer: layer, inputs: .normalized, configuration, rotary, &loader)
        }
    }
}
