import Compute

/// The matrices that make queries, keys and values of the residual stream, with what else some architectures do to these.
struct AttentionInputs: Sendable {
    let query: WeightMatrix
    let key: WeightMatrix
    let value: WeightMatrix
    /// Added to queries, keys and values; nil where the architecture has no biases.
    let biases: Biases?
    /// Normalize each head's query and key; nil where the architecture does not.
    let norms: (query: RMSNorm, key: RMSNorm)?

    /// The biases.
    struct Biases: Sendable {
        let query: [Float]
        let key: [Float]
        let value: [Float]
    }

    /// How an architecture's file has them.
    struct Kind: OptionSet {
        let rawValue: Int
        /// One matrix of all three (``FusedHeads``).
        static let fused = Kind(rawValue: 1)
        /// With biases (Qwen2).
        static let biased = Kind(rawValue: 2)
        /// With norms of queries and keys (arXiv:2302.05442).
        static let normalized = Kind(rawValue: 4)
    }

    init(_ prefix: String, _ kind: Kind, _ configuration: ModelConfiguration, _ loader: inout TensorLoader) throws(ModelError) {
        let hidden = configuration.hiddenSize
        let queries = configuration.headCount * configuration.headSize
        let keys = configuration.keyValueHeadCount * configuration.headSize
        if kind.contains(.fused) {
            let (name, rows) = ("\(prefix).attn_qkv.weight", queries + 2 * keys)
            let parts = FusedHeads(configuration, isGrouped: loader.conventions.groupsHeads)
            query = try loader.matrix(name, parts: parts.queries, of: rows, columns: hidden)
            key = try loader.matrix(name, parts: parts.keys, of: rows, columns: hidden)
            value = try loader.matrix(name, parts: parts.values, of: rows, columns: hidden)
        } else {
            query = try loader.matrix("\(prefix).attn_q.weight", rows: queries, columns: hidden)
            key = try loader.matrix("\(prefix).attn_k.weight", rows: keys, columns: hidden)
            value = try loader.matrix("\(prefix).attn_v.weight", rows: keys, columns: hidden)
        }
        biases =
            kind.contains(.biased)
            ? Biases(
                query: try loader.vector("\(prefix).attn_q.bias", count: queries),
                key: try loader.vector("\(prefix).attn_k.bias", count: keys),
                value: try loader.vector("\(prefix).attn_v.bias", count: keys)
            ) : nil
        let size = configuration.headSize
        norms =
            kind.contains(.normalized)
            ? (
                try RMSNorm("\(prefix).attn_q_norm.weight", count: size, configuration, &loader),
                try RMSNorm("\(prefix).attn_k_norm.weight", count: size, configuration, &loader)
            ) : nil
    }

    /// Whether the products want quantized inputs.
    var isQuantized: Bool {
        query.isQuantized || key.isQuantized || value.isQuantized
    }
}
