/// Gemma 3 (arXiv:2503.19786): norms before and behind each sublayer, norms of queries and keys, and layers of which most see a window only.
///
///     tokens → √hidden · embedding → [ x + norm(attention(norm x)) → x + norm(feedForward(norm x)) ] × layers → norm → output
enum Gemma3: Architecture {
    static func decoder(_ configuration: ModelConfiguration, _ loader: inout TensorLoader) throws(ModelError) -> Decoder {
        let metadata = loader.metadata(configuration)
        let local = RotaryConfiguration(
            dimensions: configuration.rotary.dimensions,
            base: try metadata.number("rope.freq_base_swa", in: 1e-6...1e30, default: 10_000),
            scaling: .none
        )
        let globalRotary = try RotaryEmbedding(configuration.rotary, .halves, slot: 0, &loader)
        let localRotary = try RotaryEmbedding(local, .halves, slot: 1, &loader)
        let windows = try windows(configuration, metadata)
        return try Decoder(
            configuration,
            &loader,
            rotaries: [globalRotary, localRotary],
            embeddingScale: Float(configuration.hiddenSize).squareRoot()
        ) { layer, loader throws(ModelError) in
            let window = windows[layer]
            return try Gemma3Block(layer: layer, window: window, configuration, window == nil ? globalRotary : localRotary, &loader)
        }
    }

    /// How far back each layer sees; nil for all the way. Where the file does not say which layers do, it is every sixth.
    private static func windows(_ configuration: ModelConfiguration, _ metadata: MetadataReader) throws(ModelError) -> [Int?] {
        let pattern =
            try metadata.flags("attention.sliding_window_pattern", count: configuration.layerCount)
            ?? (0..<configuration.layerCount).map { ($0 + 1) % 6 != 0 }
        return pattern.map { $0 ? configuration.slidingWindow : nil }
    }
}
