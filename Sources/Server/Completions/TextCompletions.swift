import Inference
import Tokenizers

/// Carries out completions: over `/v1/completions`, and as lines of evaluations and batches.
package struct TextCompletions: Sendable {
    package let generator: Generator

    package init(generator: Generator) {
        self.generator = generator
    }

    /// Submits a completion's sequences.
    ///
    /// - Parameters:
    ///   - completion: The request.
    ///   - standardTokens: Most tokens to generate where the request does not say and the context has room for them.
    ///   - waits: Whether a full queue is waited for, and not an error.
    /// - Returns: What runs, and what writes its answer.
    package func start(
        _ completion: CompletionRequest,
        standardTokens: Int = CompletionRequest.defaultMaximumTokens,
        waits: Bool = false
    ) async throws -> (job: GenerationJob, writer: AnswerWriter<CompletionFormat>) {
        let options = completion.options
        let model = try generator.model(options.model)
        let prompts = try await PromptInput.encode(completion.prompts, field: "prompt", model: model)
        let plan = try await generator.plan(options, answers: prompts.count * options.choices, model: model)
        var job = try await generator.start(prompts.map(\.tokens), promptField: "prompt", plan: plan, waits: waits) { prompt in
            let room = max(0, model.contextLength - prompt.count)
            let standard = min(max(standardTokens, plan.constraint?.minimumTokens ?? 0), room, generator.limits.maximumTokens ?? room)
            var generation = GenerationRequest(prompt: prompt, maximumTokens: options.maximumTokens ?? standard)
            // Candidates are told apart by their log-probabilities.
            generation.logprobs = completion.logprobs ?? (completion.keptChoices == nil ? nil : 0)
            generation.promptLogprobs = completion.echo ? completion.logprobs : nil
            return generation
        }
        job.keptChoices = completion.keptChoices
        let format = CompletionFormat(
            identity: AnswerIdentity(prefix: "cmpl-", model: model.id),
            tokenizer: model.tokenizer,
            logprobs: completion.logprobs != nil,
            trace: plan.isTraced,
            capture: plan.capturedStates,
            echoes: completion.echo ? prompts.map(\.echo) : nil,
            choicesPerPrompt: completion.keptChoices ?? options.choices
        )
        return (job, AnswerWriter(format: format, logger: generator.logger))
    }
}
