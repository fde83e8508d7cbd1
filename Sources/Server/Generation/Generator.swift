import Control
import Inference
import Logging

/// Starts the sequences of a request: finds the model, settles the steering, submits every choice.
package struct Generator: Sendable {
    private let pool: WorkerPool
    private let models: [LoadedModel]
    private let steering: Steering
    private let constraints = ResponseConstraints()
    package let limits: RequestLimits
    package let logger: Logger

    package init(pool: WorkerPool, models: [LoadedModel], steering: Steering, limits: RequestLimits, logger: Logger) {
        self.pool = pool
        self.models = models
        self.steering = steering
        self.limits = limits
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

    /// What all sequences of a request have in common: the options, with value functions found and the format made ready.
    ///
    /// - Parameters:
    ///   - options: What the request asks for.
    ///   - answers: How many answers the request has.
    package func plan(_ options: GenerationOptions, answers: Int, model: LoadedModel) async throws -> GenerationPlan {
        for token in options.sampling.logitBias.keys where Int(token) >= model.tokenizer.vocabularySize {
            throw APIError.invalid(
                "logit_bias",
                "'logit_bias' names the token \(token), but '\(model.id)' has \(model.tokenizer.vocabularySize)."
            )
        }
        return GenerationPlan(
            options: options,
            model: model,
            capture: try options.capture.map { fields throws(APIError) in
                try CaptureRequest(fields, answers: answers, limits: limits)
            },
            controller: try await controller(options.control, model: model),
            constraint: try await constraints.constraint(options.format, model: model)
        )
    }

    /// Submits every choice of every prompt. Where one is refused, those before it are cancelled.
    ///
    /// - Parameters:
    ///   - prompts: The prompts' tokens.
    ///   - promptField: The request's field that a prompt too long is blamed on.
    ///   - plan: What all sequences have in common.
    ///   - request: A sequence's bounds, and what it reports.
    package func start(
        _ prompts: [[Int32]],
        promptField: String,
        plan: GenerationPlan,
        request: (_ prompt: [Int32]) -> GenerationRequest
    ) throws(APIError) -> GenerationJob {
        let options = plan.options
        var streams: [GenerationStream] = []
        var heads: [(name: String, version: Int, weight: Float)] = []
        for prompt in prompts {
            for choice in 0..<options.choices {
                var request = request(prompt)
                if let constraint = plan.constraint, constraint.minimumTokens > request.maximumTokens {
                    throw .invalid(
                        options.tokenCountField,
                        "'\(options.tokenCountField)' is \(request.maximumTokens), but an answer of this 'response_format' may take \(constraint.minimumTokens) tokens at least."
                    )
                }
                plan.apply(to: &request)
                // Choices of one seed must differ, and be the same again.
                request.sampling.seed = options.sampling.seed.map { $0 &+ UInt64(choice) }
                heads = request.control?.heads.map { ($0.name, $0.version, $0.weight) } ?? []
                do {
                    streams.append(try pool.submit(request, model: plan.model.id))
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
            includeUsage: options.includeUsage
        )
    }
}
