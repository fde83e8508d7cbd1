import HTTP
import HTTPTypes
import Inference
import Logging

/// Carries a job's events to the client: as one document, or as server-sent events.
package struct AnswerWriter<Format: AnswerFormat>: Sendable {
    package let format: Format
    package let logger: Logger
    /// How often a stream that has nothing to say yet sends a comment.
    package var commentInterval: Duration = .seconds(15)

    package init(format: Format, logger: Logger) {
        self.format = format
        self.logger = logger
    }

    // MARK: One document

    /// Waits for every choice and answers with the whole.
    package func whole(_ job: GenerationJob) async throws -> ServerResponse {
        .json(.ok, try await document(job))
    }

    /// Waits for every choice and returns the whole answer's bytes.
    package func document(_ job: GenerationJob) async throws -> [UInt8] {
        let choices = try await withThrowingTaskGroup(of: ChoiceResult.self) { group in
            for (index, stream) in job.streams.enumerated() {
                group.addTask { try await ChoiceResult.collect(stream, index: index) }
            }
            var choices: [ChoiceResult] = []
            for try await choice in group { choices.append(choice) }
            return choices.sorted { $0.index < $1.index }
        }
        var report = job.report
        let kept = job.kept(choices)
        for choice in kept {
            if let control = choice.summary.control { report?.add(control) }
        }
        for choice in kept { job.texts?.answer(choice.text, index: choice.index) }
        let usage = job.usage(choices.map(\.summary))
        RequestContext.current?.note(usage)
        guard kept.reduce(0, { $0 + $1.tokens.count + $1.promptLogprobs.count }) > PromptTokens.shortPrompt else {
            return format.answer(kept, usage: usage, control: report)
        }
        return try await OffPool.run { [format, report] in format.answer(kept, usage: usage, control: report) }
    }

    // MARK: Server-sent events

    /// Answers at once with a stream of events.
    package func events(_ job: GenerationJob) -> ServerResponse {
        var fields: HTTPFields = [:]
        fields[.contentType] = ServerSentEvents.contentType
        fields[.cacheControl] = "no-cache"
        // Proxies that buffer would hold tokens back.
        if let name = HTTPField.Name("X-Accel-Buffering") { fields[name] = "no" }
        return ServerResponse(status: .ok, fields: fields, body: .stream { writer in try await stream(job, to: writer) })
    }

    private func stream(_ job: GenerationJob, to writer: ResponseWriter) async throws {
        let hasBegun = Flag()
        do {
            let summaries = try await withThrowingTaskGroup(of: (index: Int, summary: GenerationSummary)?.self) { group in
                group.addTask { [commentInterval] in
                    try await Self.comment(every: commentInterval, until: hasBegun, to: writer)
                    return nil
                }
                for (index, stream) in job.streams.enumerated() {
                    group.addTask {
                        let summary = try await relay(stream, index: index, report: job.report, texts: job.texts, to: writer) {
                            hasBegun.set()
                        }
                        return (index, summary)
                    }
                }
                var ended: [(index: Int, summary: GenerationSummary)] = []
                while ended.count < job.streams.count, let result = try await group.next() {
                    if let result { ended.append(result) }
                }
                group.cancelAll()
                return ended.sorted { $0.index < $1.index }.map(\.summary)
            }
            let usage = job.usage(summaries)
            RequestContext.current?.note(usage)
            if job.includeUsage { try await writer.write(format.usageChunk(usage)) }
            try await writer.write(ServerSentEvents.done)
        } catch let error as GenerationError {
            try await fail(error, to: writer)
        }
    }

    /// Tells the client of a failure in the midst of a stream; the stream then ends without `[DONE]`.
    private func fail(_ error: GenerationError, to writer: ResponseWriter) async throws {
        let answer = APIError(error, logger: logger)
        RequestContext.current?.note("error", .string(answer.code ?? answer.type))
        try await writer.write(ServerSentEvents.event { answer.write(to: &$0) })
    }

    /// Relays one choice and returns how it ended.
    private func relay(
        _ stream: MeteredStream,
        index: Int,
        report: ControlReport?,
        texts: TextLog?,
        to writer: ResponseWriter,
        begin: @Sendable () -> Void
    ) async throws -> GenerationSummary {
        var formatter = format.formatter(index: index)
        // What is answered is only kept where it is to be logged, also where it breaks off.
        var text = ""
        defer { texts?.answer(text, index: index) }
        var isOpen = false
        func open() async throws {
            guard !isOpen else { return }
            isOpen = true
            begin()
            if let bytes = formatter.opening() { try await writer.write(bytes) }
        }
        for try await event in stream {
            try await open()
            switch event {
            case .promptLogprobs(let piece):
                if let bytes = formatter.prompt(piece) { try await writer.write(bytes) }
            case .token(let token):
                if texts != nil { text += token.text }
                if let bytes = formatter.token(token) { try await writer.write(bytes) }
            case .finished(let summary):
                if texts != nil { text += summary.text }
                var report = report
                if let control = summary.control { report?.add(control) }
                try await writer.write(formatter.closing(summary, control: report))
                return summary
            }
        }
        throw CancellationError()
    }

    private static func comment(every interval: Duration, until hasBegun: Flag, to writer: ResponseWriter) async throws {
        while true {
            try await Task.sleep(for: interval)
            if hasBegun.isSet { return }
            try await writer.write(ServerSentEvents.comment)
        }
    }
}
