/// A decoded request of `/v1/completions`.
package struct CompletionRequest: Sendable {
    /// What it shares with chats; `options.choices` counts the candidates where `best_of` asks for more than are returned.
    package var options: GenerationOptions
    /// The prompts; each gets `options.choices` answers.
    package var prompts: [PromptInput]
    /// Whether the prompt stands before its continuation in the answer.
    package var echo: Bool
    /// How many alternatives are reported with each token's log-probability; nil for no log-probabilities.
    package var logprobs: Int?
    /// How many of each prompt's candidates are returned, the likeliest ones; nil for all of them.
    package var keptChoices: Int?

    /// Most prompts of one request.
    package static let maximumPrompts = 128
    /// OpenAI's default of `max_tokens`.
    package static let defaultMaximumTokens = 16

    /// Decodes a request's body.
    package init(_ value: JSONValue, limits: RequestLimits) throws(APIError) {
        try self.init(JSONFields.body(value), limits: limits)
    }

    /// Decodes a request's fields.
    package init(_ fields: JSONFields, limits: RequestLimits) throws(APIError) {
        try UnsupportedFields.checkCompletion(fields)
        options = try GenerationOptions(fields, limits: limits)
        options.maximumTokens = try GenerationOptions.tokenCount(fields, "max_tokens", from: 0, limits: limits)
        echo = try fields.bool("echo") ?? false
        logprobs = try fields.integer("logprobs", in: 0...limits.logprobs)
        prompts = try PromptInput.decode(fields, "prompt", maximumCount: Self.maximumPrompts)
        if let candidates = try fields.integer("best_of", in: 1...limits.choices), candidates != options.choices {
            guard candidates > options.choices else {
                throw .invalid("best_of", "'best_of' must be at least 'n', which is \(options.choices).")
            }
            guard !options.stream else { throw .invalid("best_of", "'best_of' above 'n' cannot be streamed.") }
            keptChoices = options.choices
            options.choices = candidates
        }
    }
}
