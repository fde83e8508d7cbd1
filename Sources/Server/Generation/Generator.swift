import Control
import HTTP
import Inference
import Logging

/// Starts the sequences of a request: finds the model, settles the steering, submits every choice.
package struct Generator: Sendable {
    private let pool: WorkerPool
    private let models: [LoadedModel]
    private let steering: Steering
    private let constraints = ResponseConstraints()
    private let liveLimits: Live<RequestLimits>
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
        limits: Live<RequestLimits>,
        texts: TextLog? = nil,
        logger: Logger
    ) {
        self.pool = pool
        self.models = models
        self.steering = steering
        liveLimits = limits
        self.texts = texts
        self.logger = logger
    }

    /// What a request may ask for now.
    package var limits: RequestLimits { liveLimits.value }

    /// Whether the server stops: what can wait is not begun any more.
    package var isDraining: Bool {
        pool.status.isDraining
    }

    /// How many sequences more would find a place at once; nil where there is no such model.
    package func freePlaces(model id: String) -> Int? {
        guard let places = pool.places(model: id), let status = pool.status.models.first(where: { $0.id.utf8.elementsEqual(id.utf8) })
        else { return nil }
        return status.up > 0 ? places - status.running - status.queued : 0
    }

    /// How many sequences of a model work may have at once that is to leave room for others: all places, and half of the queue.
    package func yieldingCapacity(model id: String) -> Int {
        guard let places = pool.places(model: id), let capacity = pool.capacity(model: id) else { return .max }
        return places + (capacity - places) / 2
    }

    /// The model of that id.
    package func model(_ id: String) throws(APIError) -> LoadedModel {
        if let key = Caller.current?.key, !key.allows(model: id) { throw .noAccess(toModel: id, key: key) }
        guard let model = models.first(where: { $0.id.utf8.elementsEqual(id.utf8) }) else {
            throw .notFound("model", "The model '\(id)' does not exist; GET /v1/models lists those there are.", code: "model_not_found")
        }
        return model
    }

    /// The first model, for requests that name none; of those that the caller may use.
    package func standardModel() throws(APIError) -> LoadedModel {
        guard let first = models.first else { throw .unavailable("No model is loaded.") }
        guard let key = Caller.current?.key else { return first }
        guard let model = models.first(where: { key.allows(model: $0.id) }) else { throw .noAccess(toModel: first.id, key: key) }
        return model
    }

    /// The controller a request asks for; nil where it asks for none.
    package func controller(_ request: ControlRequest?, model: LoadedModel) async throws -> Controller? {
        guard let request else { return nil }
        if let key = Caller.current?.key {
            for head in request.heads where !key.allows(head: head.reference.name) {
                throw APIError.noAccess(toHead: head.reference.name, field: head.field, key: key)
            }
        }
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
        let controller = try await controller(options.control, model: model)
        return GenerationPlan(
            options: options,
            model: model,
            capture: try options.capture.map { fields throws(APIError) in
                try CaptureRequest(fields, answers: answers, limits: limits)
            },
            controller: controller,
            answerable: options.control.flatMap { request in controller.flatMap { steering.answerable(for: request, $0) } },
            constraint: try await constraints.constraint(options.format, model: model)
        )
    }

    /// Runs sequences that generate nothing and tells how each ended, in their order. A few at a time: after the first, which is refused where
    /// the queue is full, each waits for room.
    ///
    /// - Parameters:
    ///   - promptField: The request's field that a prompt too long is blamed on.
    ///   - waits: Whether the first waits for room as well.
    package func summaries(
        of requests: [GenerationRequest],
        promptField: String,
        model: LoadedModel,
        waits: Bool = false
    ) async throws -> [GenerationSummary] {
        try checkLengths(requests.map(\.prompt), promptField: promptField)
        let promptTokens = requests.reduce(0) { $0 + $1.prompt.count }
        let reservation = try await Caller.current?.reserve(
            promptTokens: promptTokens,
            answerTokens: 0,
            isExplicit: true,
            waits: waits,
            isStopping: { isDraining }
        )
        return try await withThrowingTaskGroup(of: (index: Int, summary: GenerationSummary).self) { group in
            var summaries = [GenerationSummary?](repeating: nil, count: requests.count)
            for (index, request) in requests.enumerated() {
                if index >= Self.window, let done = try await group.next() { summaries[done.index] = done.summary }
                let stream = try await submit(request, promptField: promptField, model: model, waits: waits || index > 0)
                reservation?.count(request.prompt.count)
                group.addTask { (index, try await Self.summary(of: stream)) }
            }
            for try await done in group { summaries[done.index] = done.summary }
            return summaries.compactMap(\.self)
        }
    }

    /// How many sequences of one request with many texts run at once.
    package static let window = 8

    private static func summary(of stream: GenerationStream) async throws -> GenerationSummary {
        for try await event in stream {
            if case .finished(let summary) = event { return summary }
        }
        throw CancellationError()
    }

    /// Submits one sequence.
    ///
    /// - Parameter waits: whether a full queue is waited for, and not an error.
    package func submit(_ request: GenerationRequest, promptField: String, model: LoadedModel, waits: Bool) async throws -> GenerationStream
    {
        while true {
            do throws(PoolError) {
                return try pool.submit(request, model: model.id)
            } catch {
                guard waits, case .queueFull = error else { throw APIError(error, promptField: promptField) }
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Submits every choice of every prompt. Where one is refused, those before it are cancelled.
    ///
    /// - Parameters:
    ///   - prompts: The prompts' tokens.
    ///   - promptField: The request's field that a prompt too long is blamed on.
    ///   - plan: What all sequences have in common.
    ///   - waits: Whether a full queue is waited for, and not an error.
    ///   - request: A sequence's bounds, and what it reports.
    package func start(
        _ prompts: [[Int32]],
        promptField: String,
        plan: GenerationPlan,
        waits: Bool = false,
        request: (_ prompt: [Int32]) -> GenerationRequest
    ) async throws -> GenerationJob {
        let options = plan.options
        if let capacity = pool.capacity(model: plan.model.id), prompts.count * options.choices > capacity {
            throw APIError.invalid(
                promptField,
                "The request asks for \(prompts.count * options.choices) answers; this server takes at most \(capacity) at once."
            )
        }
        try checkLengths(prompts, promptField: promptField)
        let promptTokens = prompts.reduce(0) { $0 + $1.count }
        RequestContext.current?.note(model: plan.model.id, promptTokens: promptTokens)
        for (index, prompt) in prompts.enumerated() { texts?.prompt(plan.model.tokenizer.decode(prompt, skipSpecial: false), index: index) }
        var requests: [GenerationRequest] = []
        let openLength =
            options.maximumTokens == nil
            ? Caller.current?.openLength(promptTokens: promptTokens, answers: prompts.count * options.choices) : nil
        for prompt in prompts {
            var sequence = request(prompt)
            if let openLength { sequence.maximumTokens = min(sequence.maximumTokens, openLength) }
            requests += try choices(of: sequence, promptField: promptField, plan: plan)
        }
        try checkTrace(requests, plan: plan)
        if !options.stream { try checkLogprobs(requests) }
        let reservation = try await Caller.current?.reserve(
            promptTokens: promptTokens,
            answerTokens: requests.reduce(0) { $0 + max(0, $1.maximumTokens) },
            isExplicit: options.maximumTokens != nil,
            waits: waits,
            isStopping: { isDraining }
        )
        let watch = steering.watch(plan.answerable)
        var streams: [MeteredStream] = []
        for request in requests {
            let stream = try await submit(request, promptField: promptField, model: plan.model, waits: waits)
            streams.append(MeteredStream(stream, reservation: reservation, watch: watch))
        }
        // Where one is refused, those before it are cancelled at once.
        reservation?.count(promptTokens)
        return GenerationJob(
            streams: streams,
            heads: plan.controller?.heads.map { ($0.name, $0.version, $0.weight) } ?? [],
            promptTokens: promptTokens,
            choices: options.choices,
            includeUsage: options.includeUsage,
            texts: texts
        )
    }

    /// A prompt's sequences, one for each choice.
    private func choices(of request: GenerationRequest, promptField: String, plan: GenerationPlan) throws(APIError) -> [GenerationRequest] {
        let options = plan.options
        if let constraint = plan.constraint, constraint.minimumTokens > request.maximumTokens {
            let needed = "an answer of this 'response_format' may take \(constraint.minimumTokens) tokens at least."
            guard options.maximumTokens == nil else {
                throw .invalid(options.tokenCountField, "'\(options.tokenCountField)' is \(request.maximumTokens), but \(needed)")
            }
            throw .invalid(promptField, "There is room for \(request.maximumTokens) tokens behind the prompt, but \(needed)")
        }
        var request = request
        plan.apply(to: &request)
        return (0..<options.choices).map { choice in
            // Choices of one seed must differ, and be the same again.
            request.sampling.seed = options.sampling.seed.map { $0 &+ UInt64(choice) }
            return request
        }
    }

    private func checkLengths(_ prompts: [[Int32]], promptField: String) throws(APIError) {
        guard let most = limits.promptTokens, let longest = prompts.map(\.count).max(), longest > most else { return }
        throw .invalid(
            promptField,
            "'\(promptField)' has \(longest) tokens; this server takes at most \(most).",
            code: "context_length_exceeded"
        )
    }

    /// An answer that is no stream is put together as a whole, about a hundred bytes for each.
    private static let mostLogprobs = 1_000_000

    /// How long each of some answers may be that are no streams, have log-probabilities, and take what the context holds.
    static func openLength(alternatives: Int, answers: Int) -> Int {
        max(1, mostLogprobs / ((alternatives + 1) * max(1, answers)))
    }

    private func checkLogprobs(_ requests: [GenerationRequest]) throws(APIError) {
        var count = 0
        for request in requests {
            if let alternatives = request.logprobs { count += max(0, request.maximumTokens) * (alternatives + 1) }
            if let alternatives = request.promptLogprobs { count += request.prompt.count * (alternatives + 1) }
        }
        guard count > Self.mostLogprobs else { return }
        throw .invalid(
            "logprobs",
            "'logprobs' asks for up to \(count) log-probabilities; at most \(Self.mostLogprobs) in all are given at once. "
                + "Ask for fewer tokens or alternatives, or for a stream."
        )
    }

    private func checkTrace(_ requests: [GenerationRequest], plan: GenerationPlan) throws(APIError) {
        guard plan.isTraced, case let most = limits.tracedTokens, requests.reduce(0, { $0 + $1.maximumTokens }) > most else { return }
        throw .invalid(
            "control.trace",
            "'control.trace' asks for a trace of up to \(requests.reduce(0) { $0 + $1.maximumTokens }) tokens; at most \(most) in all are given. "
                + "Ask for fewer tokens."
        )
    }
}
