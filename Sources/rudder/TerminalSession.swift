import Foundation
import Inference
import Logging
import Server
import Tokenizers
import ValueRegistry

/// One model and the value functions, in this process, for a command that generates.
///
/// Requests are made of the same fields as over HTTP and decoded by the same code, so limits and errors are the same, too.
final class TerminalSession {
    private let model: LoadedModel
    private let pool: WorkerPool
    private let generator: Generator

    /// Loads the first of the configured models.
    init(configuration: ServerConfiguration, logger: Logger) throws {
        var configuration = configuration
        configuration.models = Array(configuration.models.prefix(1))
        let registry = try ValueRegistry(
            directory: configuration.registryDirectory,
            bundledHeads: configuration.bundledHeads,
            keepVersions: configuration.keepVersions,
            logger: logger
        )
        let models = try ModelLoading.load(configuration.models, logger: logger)
        model = models[0]
        pool = try ModelLoading.start(models, configuration: configuration, logger: logger)
        let steering = Steering(
            registry: registry,
            models: models,
            limits: configuration.limits,
            gramCacheBytes: configuration.gramCacheBytes,
            logger: logger
        )
        generator = Generator(pool: pool, models: models, steering: steering, limits: configuration.limits, logger: logger)
    }

    /// The id of the model.
    var modelID: String { model.id }

    /// Whether the model was trained on chats, and says how they are written.
    var hasChatTemplate: Bool { model.chatTemplate != nil }

    /// Ends the workers.
    func stop() {
        pool.stop()
    }

    /// Answers a chat.
    ///
    /// - Parameters:
    ///   - body: The fields of a chat request.
    ///   - emit: Takes pieces of text as they come.
    /// - Returns: The token counts and the report of the steering.
    func chat(_ body: JSONValue, emit: (String) -> Void) async throws -> GenerationSummary {
        let chat = try ChatRequest(body, limits: generator.limits)
        return try await run(try await ChatPrompt.tokens(of: chat.messages, model: model), options: chat.options, emit: emit)
    }

    /// Continues a text.
    func complete(_ body: JSONValue, emit: (String) -> Void) async throws -> GenerationSummary {
        let completion = try CompletionRequest(body, limits: generator.limits)
        guard case .text(let text)? = completion.prompts.first else { throw CommandError("the prompt must be a text") }
        let prompt = try await PromptTokens.encode(text, tokenizer: model.tokenizer, addBeginning: true)
        return try await run(prompt, options: completion.options, emit: emit)
    }

    private func run(_ prompt: [TokenID], options: GenerationOptions, emit: (String) -> Void) async throws -> GenerationSummary {
        let controller = try await generator.controller(options.control, model: model)
        let job = try generator.start([prompt], promptField: "prompt", options: options, model: model) { prompt in
            var request = GenerationRequest(
                prompt: prompt,
                maximumTokens: options.maximumTokens ?? max(1, model.contextLength - prompt.count)
            )
            request.sampling = options.sampling
            request.stop = options.stop
            request.control = controller
            return request
        }
        for try await event in job.streams[0] {
            switch event {
            case .promptLogprobs: break
            case .token(let token): if !token.text.isEmpty { emit(token.text) }
            case .finished(let summary):
                if !summary.text.isEmpty { emit(summary.text) }
                return summary
            }
        }
        throw CancellationError()
    }
}
