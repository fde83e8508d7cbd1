import Control
import HTTP
import Inference
import Logging

/// Starts the sequences of a request: finds the model, settles the steering, submits every choice.
package struct Generator: Sendable {
    private let pool: WorkerPool
    private let models: [LoadedModel]
    private let steering: Steering
    package let limits: RequestLimits
    private let texts: TextLog?
    package let logger: Logger

    /// - Parameters:
    ///   - pool: Runs the sequences.
    ///   - models: The models there are.
    ///   - steering: Makes controllers.
    ///   - limits: What a request may ask for.
    ///   - texts: Told of prompts and answers; nil: they are in no log.
    ///   - logger: Told of what goes wrong.
    package init(
        pool: WorkerPool,
        models: [LoadedModel],
        steering: Steering,
        limits: RequestLimits,
        texts: TextLog? = nil,
        logger: Logger
    ) {
        self.pool = pool
        self.models = models
        self.steering = steering
        self.limits = limits
        self.texts = texts
        self.logger = logger
    }

    /// The model of that id.
    package func model(_ id: String) throws(APIError) -> LoadedModel {
        guard let model = models.first(where: { $0.id.utf8.elementsEqual(id.utf8) }) else {
            throw .notFound("model", "The model '\(id)' does not exist; GET /v1/models lists those there are.", code: "model_not_found")
        }
        return model
    }

    /// The controller a request asks for; nil where it asks for none.
    package func controller(_ request: ControlRequest?, model: LoadedModel) async throws -> Controller? {
        guard let request else { return nil }
        return try await steering.controller(for: request, model: model)
    }

    /// Submits every choice of every prompt. Where one is refused, those before it are cancelled.
    ///
    /// - Parameters:
    ///   - prompts: The prompts' tokens.
    ///   - promptField: The request's field that a prompt too long is blamed on.
    ///   - request: What holds for every sequence, but for its prompt and seed.
    package func start(
        _ prompts: [[Int32]],
        promptField: String,
        options: GenerationOptions,
        model: LoadedModel,
        request: (_ prompt: [Int32]) -> GenerationRequest
    ) throws(APIError) -> GenerationJob {
        for token in options.sampling.logitBias.keys where Int(token) >= model.tokenizer.vocabularySize {
            throw .invalid("logit_bias", "'logit_bias' names the token \(token), but '\(model.id)' has \(model.tokenizer.vocabularySize).")
        }
        RequestContext.current?.note(model: model.id, promptTokens: prompts.reduce(0) { $0 + $1.count })
        for (index, prompt) in prompts.enumerated() { texts?.prompt(model.tokenizer.decode(prompt, skipSpecial: false), index: index) }
        var streams: [GenerationStream] = []
        var heads: [(name: String, version: Int, weight: Float)] = []
        for prompt in prompts {
            for choice in 0..<options.choices {
                var request = request(prompt)
                // Choices of one seed must differ, and be the same again.
                request.sampling.seed = options.sampling.seed.map { $0 &+ UInt64(choice) }
                heads = request.control?.heads.map { ($0.name, $0.version, $0.weight) } ?? []
                do {
                    streams.append(try pool.submit(request, model: model.id))
                } catch {
                    throw APIError(error, promptField: promptField)
                }
            }
        }
        return GenerationJob(
            streams: streams,
            heads: heads,
            promptTokens: prompts.reduce(0) { $0 + $1.count },
            choices: options.choices,
            includeUsage: options.includeUsage,
            texts: texts
        )
    }
}
