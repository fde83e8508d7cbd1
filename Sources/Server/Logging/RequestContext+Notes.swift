import HTTP

extension RequestContext {
    /// Notes what a request asks which model for, as soon as that is known.
    package func note(model id: String, promptTokens: Int) {
        note("model", .string(id))
        note("prompt_tokens", .stringConvertible(promptTokens))
    }

    /// Notes how many tokens a request took and gave.
    package func note(_ usage: Usage) {
        note("prompt_tokens", .stringConvertible(usage.promptTokens))
        note("cached_tokens", .stringConvertible(usage.cachedTokens))
        note("completion_tokens", .stringConvertible(usage.completionTokens))
    }
}
