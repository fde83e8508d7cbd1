import HTTP

/// `POST /v1/chat/completions`.
package struct ChatRoutes: RouteGroup {
    private let chats: ChatCompletions

    package init(chats: ChatCompletions) {
        self.chats = chats
    }

    package var routes: [Route] {
        [Route(.post, "/v1/chat/completions") { request in try await chat(request) }]
    }

    private func chat(_ request: ServerRequest) async throws -> ServerResponse {
        let limits = chats.generator.limits
        let chat = try ChatRequest(await request.json(limit: limits.bodyBytes), limits: limits)
        let (job, writer) = try await chats.start(chat)
        return chat.options.stream ? writer.events(job) : try await writer.whole(job)
    }
}
