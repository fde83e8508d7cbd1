import Foundation
import Inference
import Logging
import Server
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
        try await run(ChatCompletions(generator: generator).start(ChatRequest(body, limits: generator.limits)).job, emit: emit)
    }

    /// Continues a text.
    func complete(_ body: JSONValue, emit: (String) -> Void) async throws -> GenerationSummary {
        let completion = try CompletionRequest(body, limits: generator.limits)
        return try await run(TextCompletions(generator: generator).start(completion, standardTokens: .max).job, emit: emit)
    }

    private func run(_ job: GenerationJob, emit: (String) -> Void) async throws -> GenerationSummary {
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
