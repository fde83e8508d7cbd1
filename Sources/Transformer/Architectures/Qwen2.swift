/// Qwen2 and Qwen2.5 (arXiv:2407.10671): Llama's blocks, with biases of queries, keys and values.
///
///     tokens → embedding → [ x + attention(norm x) → x + feedForward(norm x) ] × layers → norm → output
enum Qwen2: Architecture {
    static func decoder(_ configuration: ModelConfiguration, _ loader: inout TensorLoader) throws(ModelError) -> Decoder {
        let rotary = try RotaryEmbedding(configuration.rotary, .halves, &loader)
        return try Decoder(configuration, &loader, rotaries: [rotary]) { layer, loader throws(ModelError) in
            try PreNormBlock(layer: layer, inputs: .biased, configuration, rotary, &loader)
        }
    }
}
