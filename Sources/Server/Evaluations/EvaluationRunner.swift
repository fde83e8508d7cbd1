import HTTP
import Inference
import Logging

/// Answers the lines of an evaluation, as many at once as the workers run.
package struct EvaluationRunner: Sendable {
    private let chats: ChatCompletions
    private let completions: TextCompletions
    private let comparesBase: Bool

    private var generator: Generator { chats.generator }

    package init(chats: ChatCompletions, completions: TextCompletions, comparesBase: Bool) {
        self.chats = chats
        self.completions = completions
        self.comparesBase = comparesBase
    }

    /// Answers one line. Whatever is wrong with it becomes its result.
    ///
    /// - Throws: only what ends the whole evaluation: cancellation, and a server that shuts down.
    package func result(of bytes: [UInt8]?, number: Int) async throws -> EvaluationResult {
        let caller: Caller?
        do {
            // An evaluation may go on for longer than its key.
            caller = try Caller.current?.renewed()
        } catch {
            return EvaluationResult(id: .null, line: number, outcome: .failed(error))
        }
        return try await Caller.$current.withValue(caller) { try await permittedResult(of: bytes, number: number) }
    }

    /// An id is kept until its line is answered.
    private static let mostIDBytes = 1024

    private func permittedResult(of bytes: [UInt8]?, number: Int) async throws -> EvaluationResult {
        var id = JSONValue.null
        do {
            guard let bytes else {
                throw APIError.invalid(nil, "The line is longer than \(generator.limits.bodyBytes) bytes.", code: "line_too_long")
            }
            let document = try await JSONParser.parseAside(bytes)
            guard case .object = document else { throw APIError.invalid(nil, "A line must be a JSON object, not \(document.kind).") }
            guard document["id"]?.hasExactNumbers ?? true else {
                throw APIError.invalid("id", "A number in 'id' has more than 64 bits; send it as text.")
            }
            if let given = document["id"] {
                var writer = JSONWriter()
                writer.value(given)
                guard writer.bytes.count <= Self.mostIDBytes else {
                    throw APIError.invalid("id", "'id' is longer than \(Self.mostIDBytes) bytes as JSON.")
                }
                id = given
            }
            guard !generator.isDraining else { throw APIError(PoolError.draining, promptField: "prompt") }
            let line = try EvaluationLine(
                try JSONFields.body(document),
                standardModel: generator.standardModel().id,
                limits: generator.limits
            )
            let outcome = try await asPart(["line": .stringConvertible(number)]) { try await self.outcome(of: line) }
            return EvaluationResult(id: id, line: number, outcome: outcome)
        } catch let error as JSONParseError {
            return failure(.invalid(nil, "The line is not the JSON this server reads: \(error)."))
        } catch let error as GenerationError where error != .stopped {
            return failure(APIError(error, logger: generator.logger))
        } catch let error as APIError where error.status != .serviceUnavailable || !generator.isDraining {
            return failure(error)
        }
        func failure(_ error: APIError) -> EvaluationResult {
            EvaluationResult(id: id, line: number, outcome: .failed(error))
        }
    }

    private func outcome(of line: EvaluationLine) async throws -> EvaluationResult.Outcome {
        let comparesBase = comparesBase && line.options.control != nil
        async let steered = answer(line.request)
        async let plain: EvaluationAnswer? = comparesBase ? plainAnswer(to: line) : nil
        let trace = line.isTraced ? try generator.model(line.options.model).tokenizer : nil
        return .answered(try await steered, base: try await plain, trace: trace)
    }

    private func plainAnswer(to line: EvaluationLine) async throws -> EvaluationAnswer {
        try await asPart(["base": .stringConvertible(true)]) { try await answer(line.base) }
    }

    /// What is noted of a line is not the request's, and what is logged of it names it.
    private func asPart<Result: Sendable>(_ part: Logger.Metadata, _ body: @Sendable () async throws -> Result) async throws -> Result {
        let context = RequestContext.current.map { RequestContext(partOf: $0, part: part) }
        return try await RequestContext.$current.withValue(context) { try await body() }
    }

    private func answer(_ request: EvaluationLine.Request) async throws -> EvaluationAnswer {
        // A worker that failed comes up again; what is left of a long input need not fail with it.
        var retries = LineRetries(mostWaits: 60)
        while true {
            do {
                return try await attempt(request)
            } catch {
                guard !generator.isDraining, retries.allow(error) else { throw error }
                try await Task.sleep(for: LineRetries.pause)
            }
        }
    }

    private func attempt(_ request: EvaluationLine.Request) async throws -> EvaluationAnswer {
        let lease = try await Caller.current?.beginLine { generator.isDraining }
        defer { lease?.end() }
        let job =
            switch request {
            case .completion(let completion): try await completions.start(completion, waits: true).job
            case .chat(let chat): try await chats.start(chat, waits: true).job
            }
        let choice = try await ChoiceResult.collect(job.streams[0], index: 0)
        job.texts?.answer(choice.text, index: 0)
        var report = job.report
        if let control = choice.summary.control { report?.add(control) }
        return EvaluationAnswer(choice: choice, usage: job.usage([choice.summary]), control: report)
    }
}
