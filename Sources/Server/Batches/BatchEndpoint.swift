/// What a batch's requests are for.
package enum BatchEndpoint: String, Sendable, CaseIterable {
    case chat = "/v1/chat/completions"
    case completions = "/v1/completions"
    case embeddings = "/v1/embeddings"
}
