/// What a `config.json` says, in GGUF's terms.
struct HuggingFaceArchitecture {
    private(set) var metadata: [String: MetadataValue] = [:]
    /// What `config.json` calls the metadata's keys.
    private(set) var ownKeys: [String: String] = [:]
    private(set) var vectors: [String: [Float]] = [:]
    private(set) var conventions = WeightConventions()
    private(set) var names = HuggingFaceNames.llama
    /// Whether the output matrix is that of the embeddings.
    let sharesEmbeddings: Bool
    private let configuration: HuggingFaceConfiguration
    /// GGUF's name of the architecture.
    private let name: String

    /// Models by their `model_type`, and what GGUF calls them.
    private static let known: [String: String] = [
        "llama": "llama", "mistral": "llama", "qwen2": "qwen2", "qwen3": "qwen3", "gemma3_text": "gemma3", "gemma3": "gemma3",
        "phi3": "phi3", "falcon": "falcon",
    ]

    init(_ whole: HuggingFaceConfiguration) throws(ModelFileError) {
        let type = try whole.require("model_type", whole.word("model_type"))
        guard let name = Self.known[type] else {
            throw whole.unsupported("model_type '\(type)' (known are \(Self.known.keys.sorted().joined(separator: ", ")))")
        }
        if let method = try whole.section("quantization_config") {
            throw whole.unsupported("weights quantized by \(try method.word("quant_method") ?? "a method of its own")")
        }
        // Models that see, too, have their language model's sizes in a section of their own.
        let text = try whole.section("text_config")
        configuration = text ?? whole
        self.name = name
        sharesEmbeddings = try whole.merging(text).bool("tie_word_embeddings", default: ["gemma3", "falcon"].contains(name)) == true
        metadata["general.architecture"] = .string(Array(name.utf8))
        switch name {
        case "falcon": try readFalcon()
        case "gemma3": try readGemma(isPart: text != nil)
        default: try readLlama()
        }
    }

    /// Sets a whole number, where there is one.
    ///
    /// - Parameter own: what `config.json` calls it.
    private mutating func set(_ key: String, _ value: Int?, own: String) {
        ownKeys["\(name).\(key)"] = own
        if let value { metadata["\(name).\(key)"] = .signed(Int64(value)) }
    }

    /// Sets a number, where there is one.
    private mutating func set(_ key: String, _ value: Double?, own: String) {
        ownKeys["\(name).\(key)"] = own
        if let value { metadata["\(name).\(key)"] = .float(value) }
    }

    /// Takes a whole number over.
    private mutating func take(_ key: String, _ own: String, default fallback: Int? = nil) throws(ModelFileError) {
        set(key, try configuration.integer(own, default: fallback), own: own)
    }

    /// Takes a whole number over that must be there.
    private mutating func demand(_ key: String, _ own: String) throws(ModelFileError) {
        set(key, try configuration.requireInteger(own), own: own)
    }

    /// Takes a number over.
    private mutating func take(_ key: String, _ own: String, default fallback: Double) throws(ModelFileError) {
        set(key, try configuration.number(own, default: fallback), own: own)
    }

    /// Demands one of some activations.
    private func checkActivation(_ key: String, _ expected: [String]) throws(ModelFileError) {
        guard let found = try configuration.word(key), !expected.contains(found) else { return }
        throw configuration.unsupported("'\(key)' \(found.quoted) (expected \(expected.joined(separator: " or ")))")
    }

    /// What all have in common.
    ///
    /// - Parameter heads: how many there are where the file does not say.
    private mutating func readSizes(heads: Int? = nil) throws(ModelFileError) {
        let heads = try configuration.require("num_attention_heads", configuration.integer("num_attention_heads", default: heads))
        try demand("embedding_length", "hidden_size")
        try demand("block_count", "num_hidden_layers")
        set("attention.head_count", heads, own: "num_attention_heads")
        try take("attention.key_length", "head_dim")
        try take("attention.value_length", "head_dim")
    }

    private mutating func readLlama() throws(ModelFileError) {
        if name == "phi3" { names = .phi3 }
        try readSizes()
        try checkActivation("hidden_act", ["silu", "swish"])
        try take("attention.head_count_kv", "num_key_value_heads")
        try demand("feed_forward_length", "intermediate_size")
        try demand("context_length", "max_position_embeddings")
        try take("attention.layer_norm_rms_epsilon", "rms_norm_eps", default: 1e-6)
        conventions.turnsHalves = true
        if name == "qwen2" || name == "qwen3" {
            if try configuration.bool("use_sliding_window") == true { throw configuration.unsupported("'use_sliding_window' true") }
        } else {
            try take("attention.sliding_window", "sliding_window")
        }
        try readRotary(try rope())
    }

    private mutating func readGemma(isPart: Bool) throws(ModelFileError) {
        names = .gemma
        if isPart { names.prefix = "language_model." }
        // What a multimodal model's file leaves out are transformers' defaults.
        try readSizes(heads: isPart ? 8 : nil)
        try checkActivation("hidden_activation", ["gelu_pytorch_tanh"])
        for key in ["attn_logit_softcapping", "final_logit_softcapping"] where configuration.json[key] != nil {
            throw configuration.unsupported("'\(key)'")
        }
        let layers = try configuration.requireInteger("num_hidden_layers")
        try take("attention.head_count_kv", "num_key_value_heads", default: 4)
        try take("attention.key_length", "head_dim", default: 256)
        try take("attention.value_length", "head_dim", default: 256)
        try demand("feed_forward_length", "intermediate_size")
        try take("context_length", "max_position_embeddings", default: 131_072)
        try take("attention.layer_norm_rms_epsilon", "rms_norm_eps", default: 1e-6)
        if try configuration.bool("use_bidirectional_attention") == true {
            throw configuration.unsupported("'use_bidirectional_attention' true")
        }
        try take("attention.sliding_window", "sliding_window", default: 4096)
        if let scalar = try configuration.number("query_pre_attn_scalar") {
            guard (1e-6...1e6).contains(scalar) else { throw configuration.unsupported("'query_pre_attn_scalar' \(scalar)") }
            set("attention.scale", 1 / scalar.squareRoot(), own: "query_pre_attn_scalar")
        }
        conventions.gainOffset = 1
        if let kinds = try configuration.words("layer_types") {
            guard kinds.allSatisfy({ ["sliding_attention", "full_attention"].contains($0) }) else {
                throw configuration.unsupported("'layer_types' of other kinds than sliding_attention and full_attention")
            }
            setPattern(kinds.map { $0 == "sliding_attention" })
        } else if let every = try configuration.integer("sliding_window_pattern"), every > 0 {
            setPattern((0..<max(0, min(layers, 1 << 16))).map { ($0 + 1) % every != 0 })
        }
        let rope = try configuration.section("rope_parameters")
        let local = try configuration.merging(rope?.section("sliding_attention"))
        let hasParts = rope?.json["sliding_attention"] != nil
        let base = hasParts ? "rope_theta" : "rope_local_base_freq"
        set("rope.freq_base_swa", try local.number(base), own: base)
        if hasParts, let type = try local.word("rope_type"), type != "default" {
            throw configuration.unsupported("'rope_type' \(type.quoted) of layers with a window")
        }
        try readRotary(hasParts ? try rope?.section("full_attention") : try self.rope(), base: 1_000_000)
    }

    /// How positions are embedded: `rope_parameters`, or `rope_scaling` as it was called before.
    private func rope() throws(ModelFileError) -> HuggingFaceConfiguration? {
        let old = try configuration.section("rope_scaling")
        return try configuration.section("rope_parameters") ?? old
    }

    private mutating func setPattern(_ isLocal: [Bool]) {
        ownKeys["\(name).attention.sliding_window_pattern"] =
            configuration.json["layer_types"] == nil ? "sliding_window_pattern" : "layer_types"
        metadata["\(name).attention.sliding_window_pattern"] = .array(isLocal.map { .bool($0) })
    }

    private mutating func readFalcon() throws(ModelFileError) {
        names = .falcon
        try readSizes()
        try checkActivation("activation", ["gelu"])
        if try configuration.bool("alibi") == true { throw configuration.unsupported("'alibi' true") }
        if try configuration.bool("apply_residual_connection_post_layernorm") == true {
            throw configuration.unsupported("'apply_residual_connection_post_layernorm' true")
        }
        let isNew = try configuration.bool("new_decoder_architecture") == true
        if try configuration.bool("parallel_attn") == false, !isNew { throw configuration.unsupported("'parallel_attn' false") }
        let heads = try configuration.requireInteger("num_attention_heads")
        let isShared = try configuration.bool("multi_query") != false
        let keyValueHeads = isNew ? try configuration.integer("num_kv_heads", default: heads) : isShared ? 1 : heads
        conventions.groupsHeads = isNew || !isShared
        set("attention.head_count_kv", keyValueHeads, own: "num_kv_heads")
        let hidden = try configuration.requireInteger("hidden_size")
        set(
            "feed_forward_length",
            try configuration.integer("ffn_hidden_size", default: hidden.multipliedReportingOverflow(by: 4).partialValue),
            own: "ffn_hidden_size"
        )
        try take("context_length", "max_position_embeddings", default: 2048)
        try take("attention.layer_norm_epsilon", "layer_norm_epsilon", default: 1e-5)
        try readRotary(try rope())
    }

    /// Reads `rope_parameters`, or `rope_theta` and `rope_scaling` as they were before.
    ///
    /// - Parameter base: the base where neither says it.
    private mutating func readRotary(_ rope: HuggingFaceConfiguration?, base: Double? = nil) throws(ModelFileError) {
        let keys = configuration.merging(rope)
        set("rope.freq_base", try keys.number("rope_theta", default: base), own: "rope_theta")
        if let part = try keys.number("partial_rotary_factor"), part != 1 {
            let heads = try configuration.requireInteger("num_attention_heads")
            let width = try configuration.requireInteger("hidden_size") / max(heads, 1)
            let size = try configuration.integer("head_dim", default: width) ?? width
            guard part > 0, part <= 1, size > 0, size <= 1 << 20, Int(Double(size) * part) % 2 == 0 else {
                throw configuration.unsupported("'partial_rotary_factor' \(part) of heads of \(size) numbers")
            }
            set("rope.dimension_count", Int(Double(size) * part), own: "partial_rotary_factor")
        }
        guard let rope else { return }
        let old = try rope.word("type")
        let type = try rope.word("rope_type") ?? old ?? "default"
        for key in ["mscale", "mscale_all_dim"] where rope.json[key] != nil { throw configuration.unsupported("'\(key)' of RoPE") }
        if try rope.bool("truncate") == false { throw configuration.unsupported("'truncate' false of RoPE") }
        let original = try keys.integer("original_max_position_embeddings")
        switch type {
        case "default": return
        case "linear": set("rope.scaling.factor", try rope.requireNumber("factor"), own: "factor")
        case "llama3":
            set("rope.scaling.factor", try rope.requireNumber("factor"), own: "factor")
            set("rope.scaling.low_freq_factor", try rope.requireNumber("low_freq_factor"), own: "low_freq_factor")
            set("rope.scaling.high_freq_factor", try rope.requireNumber("high_freq_factor"), own: "high_freq_factor")
        case "yarn":
            set("rope.scaling.factor", try rope.requireNumber("factor"), own: "factor")
            set("rope.scaling.yarn_beta_fast", try rope.number("beta_fast"), own: "beta_fast")
            set("rope.scaling.yarn_beta_slow", try rope.number("beta_slow"), own: "beta_slow")
            set("rope.scaling.attention_factor", try rope.number("attention_factor"), own: "attention_factor")
        case "longrope", "su":
            (ownKeys["rope_factors_short.weight"], ownKeys["rope_factors_long.weight"]) = ("short_factor", "long_factor")
            vectors["rope_factors_short.weight"] = try rope.require("short_factor", rope.floats("short_factor"))
            vectors["rope_factors_long.weight"] = try rope.require("long_factor", rope.floats("long_factor"))
            set("rope.scaling.attn_factor", try rope.number("attention_factor"), own: "attention_factor")
        default: throw configuration.unsupported("'rope_type' \(type.quoted)")
        }
        metadata["\(name).rope.scaling.type"] = .string(Array((type == "su" ? "longrope" : type).utf8))
        ownKeys["\(name).rope.scaling.type"] = "rope_type"
        set("rope.scaling.original_context_length", original, own: "original_max_position_embeddings")
    }
}
