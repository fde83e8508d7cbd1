import ModelFiles

extension ModelConfiguration {
    /// Reads and checks a model's metadata.
    ///
    /// - Parameter context: the longest sequence that will run; nil for what the model was trained for.
    /// - Throws: ``ModelError`` naming the key that is absent, of another type or out of range.
    init(source: any ModelSource, context: Int?) throws(ModelError) {
        let metadata = MetadataReader(file: source)
        let architecture = try metadata.word("general.architecture")
        _ = try ArchitectureTable.type(architecture)
        let keys = MetadataReader(file: source, prefix: architecture)
        let hiddenSize = try keys.integer("embedding_length", in: 1...131_072)
        let headCount = try keys.integer("attention.head_count", in: 1...4096)
        let keyValueHeadCount = try keys.integer("attention.head_count_kv", in: 1...headCount, default: headCount)
        guard headCount % keyValueHeadCount == 0 else {
            throw .badKey(
                "\(architecture).attention.head_count_kv",
                found: "\(keyValueHeadCount)",
                expected: "a divisor of the \(headCount) heads"
            )
        }
        let headSize = try keys.integer("attention.key_length", in: 1...4096, default: hiddenSize / headCount)
        let valueSize = try keys.integer("attention.value_length", in: 1...4096, default: headSize)
        guard valueSize == headSize, headSize > 0 else {
            throw .badKey("\(architecture).attention.value_length", found: "\(valueSize)", expected: "the key length, \(headSize)")
        }
        let embedding: TensorDescription
        do { embedding = try source.tensor("token_embd.weight") } catch { throw .file(error) }
        guard embedding.shape.count == 2, (1...Int(Int32.max)).contains(embedding.shape[0]) else {
            throw .badShape(tensor: embedding.name, found: embedding.shape, expected: [0, hiddenSize])
        }
        self.architecture = architecture
        self.hiddenSize = hiddenSize
        self.headCount = headCount
        self.keyValueHeadCount = keyValueHeadCount
        self.headSize = headSize
        layerCount = try keys.integer("block_count", in: 1...1024)
        feedForwardSize = try keys.integer("feed_forward_length", in: 1...1_048_576)
        vocabularySize = embedding.shape[0]
        contextLength = try keys.integer("context_length", in: 1...16_777_216)
        let epsilon = "attention.layer_norm_epsilon"
        normEpsilon = Float(try keys.number(keys.has(epsilon) ? epsilon : "attention.layer_norm_rms_epsilon", in: 0...1))
        let window = try keys.integer("attention.sliding_window", in: 0...16_777_216, default: 0)
        slidingWindow = window > 0 ? window : nil
        rotary = try RotaryConfiguration(keys: keys, headSize: headSize, trained: contextLength, served: context ?? contextLength)
    }
}

extension RotaryConfiguration {
    init(keys: MetadataReader, headSize: Int, trained: Int, served: Int) throws(ModelError) {
        let dimensions = try keys.integer("rope.dimension_count", in: 2...headSize, default: headSize)
        guard dimensions % 2 == 0 else {
            throw .badKey(keys.fullKey("rope.dimension_count"), found: "\(dimensions)", expected: "an even number")
        }
        self.dimensions = dimensions
        base = try keys.number("rope.freq_base", in: 1e-6...1e30, default: 10_000)
        scaling = try RotaryScaling(keys: keys, trained: trained, served: min(served, trained))
    }
}

extension RotaryScaling {
    /// - Parameters:
    ///   - trained: the longest context that the model was trained for.
    ///   - served: the longest that will run.
    init(keys: MetadataReader, trained: Int, served: Int) throws(ModelError) {
        let legacyFactor = try keys.number("rope.scale_linear", in: 1e-6...1e6, default: 1)
        let factor = try keys.number("rope.scaling.factor", in: 1e-6...1e6, default: legacyFactor)
        let original = try keys.integer("rope.scaling.original_context_length", in: 1...16_777_216, default: trained)
        let attention = keys.has("rope.scaling.attn_factor") ? try keys.number("rope.scaling.attn_factor", in: 1e-3...1e3) : nil
        let kind = try keys.word("rope.scaling.type", default: keys.file.tensors["rope_factors_long.weight"] == nil ? "none" : "longrope")
        switch kind {
        case "none": self = .none
        case "linear": self = .linear(factor: factor)
        case "llama3":
            self = .llama3(
                factor: factor,
                low: try keys.number("rope.scaling.low_freq_factor", in: 1e-6...1e6),
                high: try keys.number("rope.scaling.high_freq_factor", in: 1e-6...1e6),
                original: original
            )
        case "yarn":
            let computed = (attention ?? 1) * Self.yarnAttention(factor: factor)
            self = .yarn(
                factor: factor,
                fast: try keys.number("rope.scaling.yarn_beta_fast", in: 1e-3...1e3, default: 32),
                slow: try keys.number("rope.scaling.yarn_beta_slow", in: 1e-3...1e3, default: 1),
                attention: try keys.number("rope.scaling.attention_factor", in: 1e-3...1e3, default: computed),
                original: original
            )
        case "longrope":
            let computed = Self.longRopeAttention(trained: trained, original: original)
            self = .longRope(isLong: served > original, attention: attention ?? computed)
        default: throw .badKey(keys.fullKey("rope.scaling.type"), found: "'\(kind)'", expected: "none, linear, llama3, yarn or longrope")
        }
    }
}
