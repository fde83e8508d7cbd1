import Foundation
import Inference
import Logging
import Server
import ValueRegistry

/// One model and the value functions, in this process, for a command that generates.
///
/// Requests are made of the same fields as over HTTP and decoded by the same code, so limits and errors are the same, too.
final class TerminalSession: Sendable {
    private let model: LoadedModel
    private let registry: ValueRegistry
    private let pool: WorkerPool
    private let generator: Generator

    private let style: AdviceStyle
    /// Who reads may stop the terminal for long, with Ctrl-S or a pager: a day.
    private static let readerTimeout = Duration.seconds(86_400)

    /// Loads the first of the configured models.
    ///
    /// - Parameter style: how the user sets what errors are about.
    init(configuration: ServerConfiguration, style: AdviceStyle, logger: Logger) throws {
        self.style = style
        var configuration = configuration
        configuration.models = Array(configuration.models.prefix(1))
        configuration.writeTimeout = Self.readerTimeout
        registry = try ValueRegistry(
            directory: configuration.registryDirectory,
            bundledHeads: configuration.bundledHeads,
            keepVersions: configuration.keepVersions,
            logger: logger
        )
        let models = try ModelLoading.load(configuration.models, logger: logger)
        guard let first = models.first else { throw CommandError("no model is configured; --model names one") }
        model = first
        pool = try ModelLoading.start(models, configuration: configuration, logger: logger)
        let limits = Live(configuration.limits)
        let steering = Steering(
            registry: registry,
            models: models,
            limits: limits,
            gramCacheBytes: configuration.gramCacheBytes,
            quarantine: HeadQuarantine(limit: 0),
            logger: logger
        )
        generator = Generator(pool: pool, models: models, steering: steering, limits: limits, logger: logger)
    }

    /// The id of the model.
    var modelID: String { model.id }

    /// Whether the model was trained on chats, and says how they are written.
    var hasChatTemplate: Bool { model.chatTemplate != nil }

    /// The newest version of every value function.
    var heads: [HeadDescription] { registry.list() }

    /// Ends the workers.
    func stop() {
        pool.stop()
    }

    /// Refuses a chat request whose fields cannot be used, and a value function that cannot steer the model.
    ///
    /// - Parameter style: how the user set them.
    func check(_ body: JSONValue, style: AdviceStyle) async throws {
        try await told(style) {
            let request = try ChatRequest(body, limits: generator.limits)
            _ = try await generator.controller(request.options.control, model: model)
        }
    }

    /// Refuses a chat request whose fields cannot be used. Value functions are not looked for.
    func checkFields(_ body: JSONValue, style: AdviceStyle) throws {
        do throws(APIError) {
            _ = try ChatRequest(body, limits: generator.limits)
        } catch {
            throw CommandError(RequestAdvice.text(error, heads: [], style: style))
        }
    }

    /// Answers a chat.
    ///
    /// - Parameters:
    ///   - body: The fields of a chat request.
    ///   - emit: Takes pieces of text as they come, with the value of the token that completed each.
    /// - Returns: The token counts and the report of the steering.
    func chat(_ body: JSONValue, emit: (AnswerPiece) -> Void) async throws -> GenerationSummary {
        try await told(style) {
            try await run(ChatCompletions(generator: generator).start(ChatRequest(body, limits: generator.limits)).job, emit: emit)
        }
    }

    /// Continues a text.
    func complete(_ body: JSONValue, emit: (AnswerPiece) -> Void) async throws -> GenerationSummary {
        try await told(style) {
            let completion = try CompletionRequest(body, limits: generator.limits)
            return try await run(TextCompletions(generator: generator).start(completion, standardTokens: .max).job, emit: emit)
        }
    }

    private func run(_ job: GenerationJob, emit: (AnswerPiece) -> Void) async throws -> GenerationSummary {
        var value: Float?
        for try await event in job.streams[0] {
            switch event {
            case .promptLogprobs: break
            case .token(let token):
                value = token.control?.valueAfter
                emit(AnswerPiece(text: token.text, value: value))
            case .finished(let summary):
                if !summary.text.isEmpty { emit(AnswerPiece(text: summary.text, value: value)) }
                return summary
            }
        }
        throw CancellationError()
    }

    /// What the server's code refuses, in the words of the command line.
    private func told<Value>(_ style: AdviceStyle, _ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as APIError {
            throw CommandError(RequestAdvice.text(error, heads: heads.map(\.name), style: style))
        } catch let error as GenerationError {
            throw CommandError(ErrorAdvice.text(error, style: style))
        }
    }
}
