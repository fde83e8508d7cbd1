import HTTP

/// `POST /v1/completions`.
package struct CompletionRoutes: RouteGroup {
    private let completions: TextCompletions

    package init(completions: TextCompletions) {
        self.completions = completions
    }

    package var routes: [Route] {
        [Route(.post, "/v1/completions") { request in try await complete(request) }]
    }

    private func complete(_ request: ServerRequest) async throws -> ServerResponse {
        let limits = completions.generator.limits
        let completion = try CompletionRequest(await request.json(limit: limits.bodyBytes), limits: limits)
        let (job, writer) = try await completions.start(completion)
        return completion.options.stream ? writer.events(job) : try await writer.whole(job)
    }
}
