import Compute

/// Gemma 3 (arXiv:2503.19786): norms before and behind each sublayer, norms of queries and keys, and layers of which most see a window only.
///
///     tokens → √hidden · embedding → [ x + norm(attention(norm x)) → x + norm(feedForward(norm x)) ] × layers → norm → output
struct Gemma3: Architecture {
    let embedding: Embedding
    let blocks: [Gemma3Block]
    let finalNorm: any Normalization
    let output: WeightMatrix
    private let globalRotary: RotaryEmbedding
    private let localRotary: RotaryEmbedding

    init(_ configuration: ModelConfiguration, _ loader: inout TensorLoader) throws(ModelError) {
        embedding = try Embedding(
            "token_embd.weight",
            output: "output.weight",
            scale: Float(configuration.hiddenSize).squareRoot(),
            configuration,
            &loader
        )
        let metadata = loader.metadata(configuration)
        globalRotary = try RotaryEmbedding(configuration.rotary, .halves, slot: 0, &loader)
        let local = RotaryConfiguration(
            dimensions: configuration.rotary.dimensions,
            base: try metadata.number("rope.freq_base_swa", in: 1e-6...1e30, default: 10_000),
            scaling: .none
        )
        localRotary = try RotaryEmbedding(local, .halves, slot: 1, &loader)
        let sees = try Self.windows(configuration, metadata)
        var blocks: [Gemma3Block] = []
        for layer in 0..<configuration.layerCount {
            let rotary = sees[layer] == nil ? globalRotary : localRotary
            blocks.append(try Gemma3Block(layer: layer, window: sees[layer], configuration, rotary, &loader))
        }
        self.blocks = blocks
        finalNorm = try RMSNorm("output_norm.weight", configuration, &loader)
        output = try embedding.untiedOutput("output.weight", configuration, &loader) ?? embedding.weight
    }

    /// How far back each layer sees; nil for all the way. Where the file does not say which layers do, it is every sixth.
    private static func windows(_ configuration: ModelConfiguration, _ metadata: MetadataReader) throws(ModelError) -> [Int?] {
        let pattern =
            try metadata.flags("attention.sliding_window_pattern", count: configuration.layerCount)
            ?? (0..<configuration.layerCount).map { ($0 + 1) % 6 != 0 }
        return pattern.map { $0 ? configuration.slidingWindow : nil }
    }

    func forward(_ pass: ForwardPass) {
        embedding.forward(into: pass.residual, pass)
        globalRotary.prepare(pass)
        localRotary.prepare(pass)
        for block in blocks { block.forward(pass.residual, pass) }
    }
}
