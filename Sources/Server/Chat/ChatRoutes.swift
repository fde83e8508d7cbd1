import HTTP
import Inference
import Tokenizers

/// `POST /v1/chat/completions`.
package struct ChatRoutes: RouteGroup {
    private let generator: Generator

    package init(generator: Generator) {
        self.generator = generator
    }

    package var routes: [Route] {
        [Route(.post, "/v1/chat/completions") { request in try await chat(request) }]
    }

    private func chat(_ request: ServerRequest) async throws -> ServerResponse {
        let chat = try ChatRequest(await request.json(limit: generator.limits.bodyBytes), limits: generator.limits)
        let options = chat.options
        let model = try generator.model(options.model)
        let prompt = try await ChatPrompt.tokens(of: chat.messages, model: model)
        let capture = try options.capture.map { fields throws(APIError) in
            try CaptureRequest(fields, answers: options.choices, limits: generator.limits)
        }
        let controller = try await generator.controller(options.control, model: model)
        let job = try generator.start([prompt], promptField: "messages", options: options, model: model) { prompt in
            let room = max(1, model.contextLength - prompt.count)
            var generation = GenerationRequest(
                prompt: prompt,
                maximumTokens: options.maximumTokens ?? min(room, generator.limits.maximumTokens ?? room)
            )
            generation.sampling = options.sampling
            generation.stop = options.stop
            generation.logprobs = chat.logprobs ? chat.topLogprobs : nil
            generation.control = controller
            generation.capturedTokens = capture?.window
            generation.stateSite = capture?.site ?? .finalNorm
            generation.ignoresEndOfSequence = options.ignoreEndOfSequence
            return generation
        }
        let format = ChatFormat(
            identity: AnswerIdentity(prefix: "chatcmpl-", model: model.id),
            tokenizer: model.tokenizer,
            logprobs: chat.logprobs,
            trace: controller?.settings.trace ?? false,
            capture: capture.map { CapturedStates($0, hiddenSize: model.configuration.hiddenSize) }
        )
        let answer = AnswerWriter(format: format, logger: generator.logger)
        return options.stream ? answer.events(job) : try await answer.whole(job)
    }
}
