/// A decoded request of `/v1/completions`.
package struct CompletionRequest: Sendable {
    /// What is to be continued.
    package enum Prompt: Sendable, Equatable {
        case text(String)
        case tokens([Int32])
    }

    package var options: GenerationOptions
    /// The prompts; each gets `options.choices` answers.
    package var prompts: [Prompt]
    /// Whether the prompt stands before its continuation in the answer.
    package var echo: Bool
    /// How many alternatives are reported with each token's log-probability; nil for no log-probabilities.
    package var logprobs: Int?

    /// Most prompts of one request.
    package static let maximumPrompts = 128
    /// OpenAI's default of `max_tokens`.
    package static let defaultMaximumTokens = 16

    /// Decodes a request's body.
    package init(_ value: JSONValue, limits: RequestLimits) throws(APIError) {
        let fields = try JSONFields.body(value)
        try UnsupportedFields.checkCompletion(fields)
        options = try GenerationOptions(fields, limits: limits)
        options.maximumTokens = try GenerationOptions.tokenCount(fields, "max_tokens", from: 0, limits: limits)
        echo = try fields.bool("echo") ?? false
        logprobs = try fields.integer("logprobs", in: 0...limits.logprobs)
        prompts = try Self.prompts(fields)
    }

    private static func prompts(_ fields: JSONFields) throws(APIError) -> [Prompt] {
        let expected = "a string, an array of token ids, or an array of either"
        guard let value = fields.value("prompt") else {
            throw .invalid("prompt", "You must provide a 'prompt': \(expected).")
        }
        if case .string(let text) = value { return [.text(text)] }
        guard case .array(let elements) = value else { throw fields.mismatch("prompt", expected, value) }
        guard let first = elements.first else { throw .invalid("prompt", "'prompt' must not be empty.") }
        if case .number = first { return [.tokens(try tokens(elements, fields))] }
        guard elements.count <= maximumPrompts else {
            throw .invalid("prompt", "'prompt' must hold at most \(maximumPrompts) prompts.")
        }
        var prompts: [Prompt] = []
        for element in elements {
            switch element {
            case .string(let text): prompts.append(.text(text))
            case .array(let ids): prompts.append(.tokens(try tokens(ids, fields)))
            default: throw fields.mismatch("prompt", expected, element)
            }
        }
        return prompts
    }

    private static func tokens(_ elements: [JSONValue], _ fields: JSONFields) throws(APIError) -> [Int32] {
        guard !elements.isEmpty else { throw .invalid("prompt", "'prompt' must not be empty.") }
        var tokens: [Int32] = []
        tokens.reserveCapacity(elements.count)
        for element in elements {
            tokens.append(Int32(try fields.integer(element, name: "prompt", in: 0...Int(Int32.max))))
        }
        return tokens
    }
}
