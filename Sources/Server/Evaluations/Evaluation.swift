import HTTP
import Inference

/// One evaluation under way: reads lines while there is room for them, writes results as they come, holds no more than a window of either.
struct Evaluation: Sendable {
    private enum Event: Sendable {
        case line(BodyLine?)
        case unreadable(RequestBodyError)
        case result(EvaluationResult)
        /// The server shuts down: a line is left without a result.
        case stopped(APIError)
    }

    let runner: EvaluationRunner
    let window: Int
    let comparesBase: Bool

    /// Answers every line, then writes the summary. A client that reads slowly holds up the lines that it sends.
    ///
    /// Where no more lines can be read, or no more can be answered, those under way are still answered; then the client is told why.
    ///
    /// - Throws: `ResponseWriterError` or `CancellationError` where the client is gone.
    func run(first: BodyLine?, lines: BodyLines, to writer: ResponseWriter) async throws {
        var summary = EvaluationSummary()
        var ending: APIError?
        try await withThrowingTaskGroup(of: Event.self) { group in
            var (underWay, isReading, hasEnded) = (0, false, false)
            func start(_ line: BodyLine) {
                underWay += 1
                // The client may wait for what becomes of it.
                lines.setPatience(true)
                group.addTask { try await result(of: line) }
            }
            if let first { start(first) } else { hasEnded = true }
            while true {
                if !isReading, !hasEnded, underWay < window {
                    isReading = true
                    group.addTask {
                        do throws(RequestBodyError) { return .line(try await lines.next()) } catch { return .unreadable(error) }
                    }
                }
                guard underWay > 0 || (isReading && !hasEnded), let event = try await group.next() else { break }
                switch event {
                case .line(let line):
                    isReading = false
                    if let line, !hasEnded { start(line) } else { hasEnded = true }
                case .unreadable(let error):
                    (isReading, hasEnded, ending) = (false, true, ending ?? Self.reason(error))
                case .stopped(let error):
                    underWay -= 1
                    (hasEnded, ending) = (true, ending ?? error)
                case .result(let result):
                    underWay -= 1
                    summary.add(result)
                    try await writer.write(result.bytes)
                }
                if underWay == 0 { lines.setPatience(false) }
            }
            group.cancelAll()
        }
        RequestContext.current?.note(summary.usage)
        RequestContext.current?.note("lines", .stringConvertible(summary.lines))
        RequestContext.current?.note("failed_lines", .stringConvertible(summary.errors))
        if let ending {
            RequestContext.current?.note("error", .string(ending.code ?? ending.type))
            var line = JSONWriter()
            ending.write(to: &line)
            line.append("\n")
            try await writer.write(line.bytes)
        }
        try await writer.write(summary.bytes(comparesBase: comparesBase))
    }

    private func result(of line: BodyLine) async throws -> Event {
        do {
            return .result(try await runner.result(of: line.bytes, number: line.number))
        } catch let error as APIError {
            return .stopped(error)
        } catch is GenerationError {
            return .stopped(.unavailable("The server is shutting down."))
        }
    }

    /// What the client is told of lines that cannot be read on; nil where there is nobody to tell.
    private static func reason(_ error: RequestBodyError) -> APIError? {
        error == .disconnected ? nil : .invalid(nil, "The lines could not be read on: \(error).")
    }
}
