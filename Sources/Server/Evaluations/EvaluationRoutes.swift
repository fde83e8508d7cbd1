import HTTP
import HTTPTypes
import Inference
import ModelFiles

/// `POST /v1/evaluations`: prompts as lines of JSON in, answers as lines of JSON out while they finish, a summary last.
package struct EvaluationRoutes: RouteGroup {
    private let chats: ChatCompletions
    private let completions: TextCompletions
    private let window: Int

    /// - Parameter window: How many lines are under way at once.
    package init(chats: ChatCompletions, completions: TextCompletions, window: Int) {
        self.chats = chats
        self.completions = completions
        self.window = window
    }

    package var routes: [Route] {
        [Route(.post, "/v1/evaluations") { request in try await evaluate(request) }]
    }

    private func evaluate(_ request: ServerRequest) async throws -> ServerResponse {
        let comparison = request.queryValue("compare")?.word
        guard comparison == nil || comparison == "base" else {
            throw APIError.invalid("compare", "'compare' must be 'base', not '\(comparison ?? "")'.")
        }
        let runner = EvaluationRunner(chats: chats, completions: completions, comparesBase: comparison != nil)
        let lines = try request.body.lines(maximumLength: chats.generator.limits.bodyBytes)
        // The first line is asked for before the answer begins, for a client may wait to be told to send.
        let first = try await lines.next()
        var fields: HTTPFields = [:]
        fields[.contentType] = "application/x-ndjson"
        fields[.cacheControl] = "no-cache"
        if let name = HTTPField.Name("X-Accel-Buffering") { fields[name] = "no" }
        let most = Caller.current?.usage.mostAtOnce ?? window
        let evaluation = Evaluation(runner: runner, window: min(window, most), comparesBase: comparison != nil)
        return ServerResponse(
            status: .ok,
            fields: fields,
            body: .stream { writer in try await evaluation.run(first: first, lines: lines, to: writer) }
        )
    }
}
