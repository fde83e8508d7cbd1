/// How many tokens a request took and gave.
package struct Usage: Sendable, Equatable {
    package var promptTokens = 0
    /// How many of those were in the cache.
    package var cachedTokens = 0
    package var completionTokens = 0

    package init(promptTokens: Int = 0, cachedTokens: Int = 0, completionTokens: Int = 0) {
        self.promptTokens = promptTokens
        self.cachedTokens = cachedTokens
        self.completionTokens = completionTokens
    }

    /// Writes OpenAI's `usage` object.
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("prompt_tokens", promptTokens)
            writer.member("completion_tokens", completionTokens)
            writer.member("total_tokens", promptTokens + completionTokens)
            writer.name("prompt_tokens_details")
            writer.object { $0.member("cached_tokens", cachedTokens) }
        }
    }
}
