import HTTP
import Inference

/// Answers the requests of batches, as their own routes would, but yields to requests that come by themselves.
package struct BatchAnswers: Sendable {
    private let chats: ChatCompletions
    private let completions: TextCompletions
    private let embeddings: TextEmbeddings
    private let access: AccessControl
    private let gate: LineGate
    private let starts = LineStarts()

    private var generator: Generator { chats.generator }

    /// - Parameters:
    ///   - access: Tells what the owner of a batch may do.
    ///   - gate: What bounds how many are under way.
    init(chats: ChatCompletions, completions: TextCompletions, embeddings: TextEmbeddings, access: AccessControl, gate: LineGate) {
        self.chats = chats
        self.completions = completions
        self.embeddings = embeddings
        self.access = access
        self.gate = gate
    }

    /// A line's request, or what is wrong with it, and in the end what lets it begin.
    struct Turn: Sendable {
        /// Which line it is, counted from 1, and its `custom_id`. Its body is not kept: as JSON it takes twenty times what it is long.
        let number: Int
        let customID: String
        let request: Result<BatchRequest, APIError>
        /// What it takes of the gate; nil where there is nothing to carry out.
        var pass: LinePass?
        /// The places that it will take; nil where there is nothing to carry out.
        var start: LineStart?
    }

    /// The most bytes of a line.
    var lineBytes: Int { generator.limits.bodyBytes }

    /// Decodes a line's request.
    func turn(of line: BatchLine, endpoint: BatchEndpoint) -> Turn {
        Turn(
            number: line.number,
            customID: line.customID,
            request: Result { () throws(APIError) in
                let request = try BatchRequest(line.body, endpoint: endpoint, limits: generator.limits)
                let most = generator.yieldingCapacity(model: request.model)
                guard request.sequences <= most else {
                    throw .invalid(nil, "The request asks for \(request.sequences) answers; a line of a batch has at most \(most) here.")
                }
                return request
            }
        )
    }

    /// Waits until a request may begin; one that cannot is through at once.
    ///
    /// - Throws: `CancellationError`, also where nothing may begin any more.
    func waitToBegin(_ turn: Turn) async throws -> Turn {
        guard case .success(let request) = turn.request else { return turn }
        while true {
            // Requests that wait come first; and where a model is full, or down, the lines of others do not wait for it.
            try await waitForPlace(model: request.model)
            let pass = try await gate.acquire(request.sequences)
            let start = starts.begin(request.sequences, model: request.model) { generator.freePlaces(model: request.model) }
            if start != nil || generator.isDraining {
                var turn = turn
                (turn.pass, turn.start) = (pass, start)
                return turn
            }
            pass.end()
            try await Task.sleep(for: Self.look)
        }
    }

    private func waitForPlace(model: String) async throws {
        while generator.freePlaces(model: model) ?? 1 <= 0, !generator.isDraining { try await Task.sleep(for: Self.look) }
    }

    /// How often it is looked whether a place is free.
    private static let look = Duration.milliseconds(5)

    /// Carries a request out.
    ///
    /// - Throws: `CancellationError`, also where the server shuts down: only that leaves the line without an answer.
    func result(of turn: Turn, of batch: Batch) async throws -> BatchResult {
        var pass = turn.pass
        // What has no place yet is begun after the next start.
        guard turn.start != nil || !generator.isDraining else {
            pass?.end()
            throw CancellationError()
        }
        defer {
            turn.start?.end()
            pass?.end()
        }
        var retries = LineRetries()
        let context = RequestContext()
        let (status, body) = try await RequestContext.$current.withValue(context) {
            while true {
                do {
                    // Asked for line by line, for a key may go while its batches run.
                    let caller = try access.caller(named: batch.owner)
                    return try await Caller.$current.withValue(caller) {
                        (200, try await document(try turn.request.get(), start: turn.start))
                    }
                } catch {
                    turn.start?.end()
                    guard !generator.isDraining, retries.allow(error) else {
                        guard let error = refusal(error), !generator.isDraining else { throw CancellationError() }
                        return (error.status.code, error.body)
                    }
                }
                // A worker that failed comes up again. Until then others may have the line's place.
                let request = try turn.request.get()
                pass?.end()
                try await Task.sleep(for: LineRetries.pause)
                // Where it may be this line that makes it fail it is tried alone, so that others do not fail with it: not before it can be.
                if retries.isSuspect { try await waitForPlace(model: request.model) }
                pass = try await gate.acquire(retries.isSuspect ? .max : request.sequences)
            }
        }
        return BatchResult(
            customID: turn.customID,
            id: BatchResult.id(key: batch.key, line: turn.number),
            requestID: context.id,
            status: status,
            body: body
        )
    }

    private func document(_ request: BatchRequest, start: LineStart?) async throws -> [UInt8] {
        switch request {
        case .chat(let chat):
            let (job, writer) = try await chats.start(chat, waits: true)
            start?.end()
            return try await writer.document(job)
        case .completion(let completion):
            let (job, writer) = try await completions.start(completion, waits: true)
            start?.end()
            return try await writer.document(job)
        case .embedding(let embedding):
            start?.end()
            return try await embeddings.document(embedding, waits: true)
        }
    }

    /// What a client would be told; nil where there is nobody to tell.
    private func refusal(_ error: any Error) -> APIError? {
        switch error {
        case let error as APIError: return error
        case GenerationError.stopped: return nil
        case let error as GenerationError: return APIError(error, logger: generator.logger)
        case is CancellationError: return nil
        default:
            generator.logger.error("a line of a batch failed: \(error)")
            return .failed
        }
    }
}
