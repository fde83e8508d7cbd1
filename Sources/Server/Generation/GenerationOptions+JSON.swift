import Inference
import ModelFiles

extension GenerationOptions {
    /// Decodes the fields that completions and chats share. Beyond OpenAI's: `top_k`, `min_p`, `repetition_penalty`, `ignore_eos`, `control` and
    /// `capture`; and `response_format` is a completion's, too.
    ///
    /// - Parameters:
    ///   - fields: The request's fields.
    ///   - limits: What a request may ask for.
    package init(_ fields: JSONFields, limits: RequestLimits) throws(APIError) {
        guard let model = try fields.string("model") else {
            throw .invalid("model", "You must provide a 'model'; GET /v1/models lists them.")
        }
        self.model = model
        sampling = try Self.sampling(fields, limits: limits)
        stop = try Self.stop(fields, limits: limits)
        choices = try fields.integer("n", in: 1...limits.choices) ?? 1
        stream = try fields.bool("stream") ?? false
        let streamOptions = try fields.object("stream_options")
        guard stream || streamOptions == nil else {
            throw .invalid("stream_options", "'stream_options' is only allowed where 'stream' is true.")
        }
        includeUsage = try streamOptions?.bool("include_usage") ?? false
        _ = try fields.string("user")
        ignoreEndOfSequence = try fields.bool("ignore_eos") ?? false
        capture = try fields.object("capture")
        format = try ResponseFormat(fields.object("response_format"))
        if let value = fields.value("control") {
            control = try ControlRequest(value, limits: limits)
        }
    }

    /// Reads a bound on generated tokens.
    package static func tokenCount(_ fields: JSONFields, _ name: String, from lowest: Int, limits: RequestLimits) throws(APIError) -> Int? {
        try fields.integer(name, in: lowest...(limits.maximumTokens ?? Int(Int32.max)))
    }

    private static func sampling(_ fields: JSONFields, limits: RequestLimits) throws(APIError) -> SamplingParameters {
        var sampling = SamplingParameters()
        sampling.temperature = try fields.number("temperature", in: .between(0, limits.temperature)) ?? 1
        if let value = try fields.number("top_p", in: .above(0, to: 1)) { sampling.topP = value }
        // -1 and 0 turn it off, as other servers have it.
        if let value = try fields.integer("top_k", in: -1...Int(Int32.max)), value > 0 { sampling.topK = value }
        if let value = try fields.number("min_p", in: .between(0, 1)) { sampling.minP = value }
        if let value = try fields.number("repetition_penalty", in: .above(0, to: 100)) { sampling.repetitionPenalty = value }
        if let value = try fields.number("presence_penalty", in: .between(-2, 2)) { sampling.presencePenalty = value }
        if let value = try fields.number("frequency_penalty", in: .between(-2, 2)) { sampling.frequencyPenalty = value }
        sampling.seed = try seed(fields)
        sampling.logitBias = try logitBias(fields)
        return sampling
    }

    /// A seed is any whole number of 64 bits, signed or not.
    private static func seed(_ fields: JSONFields) throws(APIError) -> UInt64? {
        guard let value = fields.value("seed") else { return nil }
        guard case .number(let number) = value, number.isWhole else { throw fields.mismatch("seed", "an integer", value) }
        switch number {
        case .integer(let seed): return UInt64(bitPattern: seed)
        case .unsigned(let seed): return seed
        case .float(let seed):
            if let exact = Int64(exactly: seed) { return UInt64(bitPattern: exact) }
            fallthrough
        case .unrepresentable:
            throw .invalid("seed", "'seed' must be an integer of 64 bits.")
        }
    }

    private static func logitBias(_ fields: JSONFields) throws(APIError) -> [Int32: Float] {
        guard let biases = try fields.object("logit_bias") else { return [:] }
        var result: [Int32: Float] = [:]
        for name in biases.names {
            guard let token = Int32(name), token >= 0 else {
                throw .invalid("logit_bias", "'logit_bias' maps token ids to numbers; '\(name.word)' is no token id.")
            }
            result[token] = try biases.number(name, in: .between(-100, 100))
        }
        return result
    }

    private static let mostStopBytes = 4096

    private static func stop(_ fields: JSONFields, limits: RequestLimits) throws(APIError) -> [String] {
        guard let value = fields.value("stop") else { return [] }
        let elements: [JSONValue]
        switch value {
        case .string: elements = [value]
        case .array(let array): elements = array
        default: throw fields.mismatch("stop", "a string or an array of strings", value)
        }
        guard elements.count <= limits.stopStrings else {
            throw .invalid("stop", "'stop' must hold at most \(limits.stopStrings) strings.")
        }
        var stop: [String] = []
        for element in elements {
            guard case .string(let text) = element else { throw fields.mismatch("stop", "a string or an array of strings", element) }
            guard !text.isEmpty else { throw .invalid("stop", "'stop' must not hold an empty string.") }
            stop.append(text)
        }
        // Each answer has tables of its own to find them.
        guard stop.reduce(0, { $0 + $1.utf8.count }) <= mostStopBytes else {
            throw .invalid("stop", "'stop' must hold at most \(mostStopBytes) bytes of text altogether.")
        }
        return stop
    }
}
