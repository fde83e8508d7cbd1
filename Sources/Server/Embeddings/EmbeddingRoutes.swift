import HTTP

/// `POST /v1/embeddings`: the hidden states of texts, pooled into one vector of length 1 each.
package struct EmbeddingRoutes: RouteGroup {
    private let embeddings: TextEmbeddings

    package init(embeddings: TextEmbeddings) {
        self.embeddings = embeddings
    }

    package var routes: [Route] {
        [Route(.post, "/v1/embeddings") { request in try await embed(request) }]
    }

    private func embed(_ request: ServerRequest) async throws -> ServerResponse {
        let embedding = try EmbeddingRequest(await request.json(limit: embeddings.generator.limits.bodyBytes))
        return .json(.ok, try await embeddings.document(embedding))
    }
}
