import Inference

/// Carries out chat requests: over `/v1/chat/completions`, and as lines of evaluations and batches.
package struct ChatCompletions: Sendable {
    package let generator: Generator

    package init(generator: Generator) {
        self.generator = generator
    }

    /// Submits a chat's sequences.
    ///
    /// - Parameter waits: Whether a full queue is waited for, and not an error.
    /// - Returns: what runs, and what writes its answer.
    package func start(_ chat: ChatRequest, waits: Bool = false) async throws -> (job: GenerationJob, writer: AnswerWriter<ChatFormat>) {
        let options = chat.options
        let model = try generator.model(options.model)
        let prompt = try await ChatPrompt.tokens(of: chat.messages, model: model)
        let plan = try await generator.plan(options, answers: options.choices, model: model)
        let job = try await generator.start([prompt], promptField: "messages", plan: plan, waits: waits) { prompt in
            let room = max(1, model.contextLength - prompt.count)
            var standard = min(room, generator.limits.maximumTokens ?? room)
            if chat.logprobs, !options.stream {
                standard = min(standard, Generator.openLength(alternatives: chat.topLogprobs, answers: options.choices))
            }
            var generation = GenerationRequest(prompt: prompt, maximumTokens: options.maximumTokens ?? standard)
            generation.logprobs = chat.logprobs ? chat.topLogprobs : nil
            return generation
        }
        let format = ChatFormat(
            identity: AnswerIdentity(prefix: "chatcmpl-", model: model.id),
            tokenizer: model.tokenizer,
            logprobs: chat.logprobs,
            trace: plan.isTraced,
            capture: plan.capturedStates
        )
        return (job, AnswerWriter(format: format, logger: generator.logger))
    }
}
