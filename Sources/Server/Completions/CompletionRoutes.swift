import HTTP
import Inference
import Tokenizers

/// `POST /v1/completions`.
package struct CompletionRoutes: RouteGroup {
    private let generator: Generator

    package init(generator: Generator) {
        self.generator = generator
    }

    package var routes: [Route] {
        [Route(.post, "/v1/completions") { request in try await complete(request) }]
    }

    private func complete(_ request: ServerRequest) async throws -> ServerResponse {
        let completion = try CompletionRequest(await request.json(limit: generator.limits.bodyBytes), limits: generator.limits)
        let options = completion.options
        let model = try generator.model(options.model)
        var prompts: [[Int32]] = []
        var echoes: [CompletionEcho] = []
        for prompt in completion.prompts {
            let (tokens, echo) = try await tokens(of: prompt, model: model)
            prompts.append(tokens)
            echoes.append(echo)
        }
        let capture = try options.capture.map { fields throws(APIError) in
            try CaptureRequest(fields, answers: prompts.count * options.choices, limits: generator.limits)
        }
        let controller = try await generator.controller(options.control, model: model)
        let job = try generator.start(prompts, promptField: "prompt", options: options, model: model) { prompt in
            let room = max(0, model.contextLength - prompt.count)
            let standard = min(CompletionRequest.defaultMaximumTokens, room, generator.limits.maximumTokens ?? room)
            var generation = GenerationRequest(prompt: prompt, maximumTokens: options.maximumTokens ?? standard)
            generation.sampling = options.sampling
            generation.stop = options.stop
            generation.logprobs = completion.logprobs
            generation.promptLogprobs = completion.echo ? completion.logprobs : nil
            generation.control = controller
            generation.capturedTokens = capture?.window
            generation.stateSite = capture?.site ?? .finalNorm
            generation.ignoresEndOfSequence = options.ignoreEndOfSequence
            return generation
        }
        let format = CompletionFormat(
            identity: AnswerIdentity(prefix: "cmpl-", model: model.id),
            tokenizer: model.tokenizer,
            logprobs: completion.logprobs != nil,
            trace: controller?.settings.trace ?? false,
            capture: capture.map { CapturedStates($0, hiddenSize: model.configuration.hiddenSize) },
            echoes: completion.echo ? echoes : nil,
            choicesPerPrompt: options.choices
        )
        let answer = AnswerWriter(format: format, logger: generator.logger)
        return options.stream ? answer.events(job) : try await answer.whole(job)
    }

    private func tokens(of prompt: CompletionRequest.Prompt, model: LoadedModel) async throws -> ([Int32], CompletionEcho) {
        let tokenizer = model.tokenizer
        switch prompt {
        case .text(let text):
            let tokens = try await PromptTokens.encode(text, tokenizer: tokenizer, addBeginning: true)
            guard !tokens.isEmpty else { throw APIError.invalid("prompt", "'prompt' must not be empty.") }
            let begins = tokenizer.addsBeginningOfSequence && tokens.first == tokenizer.beginningOfSequence
            return (tokens, CompletionEcho(text: text, hidesFirstToken: begins))
        case .tokens(let tokens):
            if let token = tokens.first(where: { Int($0) >= tokenizer.vocabularySize }) {
                throw APIError.invalid("prompt", "'prompt' holds the token \(token), but '\(model.id)' has \(tokenizer.vocabularySize).")
            }
            return (tokens, CompletionEcho(text: tokenizer.decode(tokens, skipSpecial: false), hidesFirstToken: false))
        }
    }
}
