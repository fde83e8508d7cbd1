import HTTP
import Inference

/// One evaluation under way: reads lines while there is room for them, writes results as they come, holds no more than a window of either.
struct Evaluation: Sendable {
    private enum Event: Sendable {
        case line(BodyLine?)
        case unreadable(RequestBodyError)
        case result(EvaluationResult)
    }

    let runner: EvaluationRunner
    let window: Int
    let comparesBase: Bool

    /// Answers every line, then writes the summary. A client that reads slowly holds up the lines that it sends.
    ///
    /// - Throws: `ResponseWriterError` or `CancellationError` where the client is gone.
    func run(first: BodyLine?, lines: BodyLines, to writer: ResponseWriter) async throws {
        var summary = EvaluationSummary()
        var unreadable: RequestBodyError?
        do {
            try await withThrowingTaskGroup(of: Event.self) { group in
                var (underWay, isReading, hasEnded) = (0, false, false)
                func start(_ line: BodyLine) {
                    underWay += 1
                    group.addTask { .result(try await runner.result(of: line.bytes, number: line.number)) }
                }
                if let first { start(first) } else { hasEnded = true }
                while true {
                    if !isReading, !hasEnded, underWay < window {
                        isReading = true
                        let isPatient = underWay > 0
                        group.addTask {
                            do throws(RequestBodyError) { return .line(try await lines.next(isPatient: isPatient)) } catch {
                                return .unreadable(error)
                            }
                        }
                    }
                    guard underWay > 0 || isReading, let event = try await group.next() else { break }
                    switch event {
                    case .line(let line):
                        isReading = false
                        if let line { start(line) } else { hasEnded = true }
                    case .unreadable(let error):
                        // What is under way is still answered.
                        (isReading, hasEnded, unreadable) = (false, true, error)
                    case .result(let result):
                        underWay -= 1
                        summary.add(result)
                        try await writer.write(result.bytes)
                    }
                }
            }
        } catch {
            // The client is told why there is no summary, if it is still there.
            guard let reason = Self.reason(error) else { throw error }
            var last = JSONWriter()
            reason.write(to: &last)
            last.append("\n")
            try await writer.write(last.bytes)
            return
        }
        RequestContext.current?.note(summary.usage)
        if let reason = unreadable.flatMap(Self.reason) {
            var line = JSONWriter()
            reason.write(to: &line)
            line.append("\n")
            try await writer.write(line.bytes)
        }
        try await writer.write(summary.bytes(comparesBase: comparesBase))
    }

    /// What ended an evaluation before its lines did; nil where there is nobody to tell.
    private static func reason(_ error: any Error) -> APIError? {
        switch error {
        case let error as APIError: error
        case is GenerationError: .unavailable("The server is shutting down.")
        case let error as RequestBodyError where error != .disconnected: .invalid(nil, "The lines could not be read on: \(error).")
        default: nil
        }
    }
}
