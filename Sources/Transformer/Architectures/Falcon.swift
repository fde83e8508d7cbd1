/// Falcon (arXiv:2311.16867): attention and feed-forward network read the same stream side by side; all query heads share few key-value heads.
///
///     tokens → embedding → [ x + attention(norm x) + feedForward(norm x) ] × layers → norm → output
enum Falcon: Architecture {
    static func decoder(_ configuration: ModelConfiguration, _ loader: inout TensorLoader) throws(ModelError) -> Decoder {
        let rotary = try RotaryEmbedding(configuration.rotary, .halves, &loader)
        let norm = { (loader: inout TensorLoader) throws(ModelError) in
            try LayerNorm("output_norm", configuration, &loader) as any Normalization
        }
        return try Decoder(configuration, &loader, rotaries: [rotary], finalNorm: norm) { layer, loader throws(ModelError) in
            try FalconBlock(layer: layer, configuration, rotary, &loader)
        }
    }
}
