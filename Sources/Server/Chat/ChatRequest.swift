import Tokenizers

/// A decoded request of `/v1/chat/completions`.
package struct ChatRequest: Sendable {
    package var options: GenerationOptions
    /// The conversation so far, at least one message.
    package var messages: [ChatMessage]
    /// Whether each token's log-probability is reported.
    package var logprobs: Bool
    /// How many alternatives are reported with it.
    package var topLogprobs: Int

    /// Decodes a request's body.
    package init(_ value: JSONValue, limits: RequestLimits) throws(APIError) {
        try self.init(JSONFields.body(value), limits: limits)
    }

    /// Decodes a request's fields.
    package init(_ fields: JSONFields, limits: RequestLimits) throws(APIError) {
        try UnsupportedFields.checkChat(fields)
        options = try GenerationOptions(fields, limits: limits)
        let longName = try GenerationOptions.tokenCount(fields, "max_completion_tokens", from: 1, limits: limits)
        let shortName = try GenerationOptions.tokenCount(fields, "max_tokens", from: 1, limits: limits)
        options.maximumTokens = longName ?? shortName
        if longName != nil { options.tokenCountField = "max_completion_tokens" }
        logprobs = try fields.bool("logprobs") ?? false
        let topLogprobs = try fields.integer("top_logprobs", in: 0...limits.logprobs)
        guard logprobs || topLogprobs == nil else {
            throw .invalid("top_logprobs", "'top_logprobs' is only allowed where 'logprobs' is true.")
        }
        self.topLogprobs = topLogprobs ?? 0
        messages = try ChatMessages.decode(fields)
    }
}
