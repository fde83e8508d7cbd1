import ModelFiles

/// Reads a batch's input before any of it is answered.
enum BatchValidation {
    /// Most problems that are told of.
    static let mostProblems = 100

    /// What a batch's input comes to.
    struct Outcome: Sendable {
        var lines = 0
        var problems: [BatchProblem] = []
    }

    /// Reads the whole input. Blocks.
    ///
    /// - Parameters:
    ///   - isCancelled: Whether to give up.
    ///   - mostLines: The most requests of a batch.
    ///   - lineBytes: The most bytes of a line.
    static func check(
        _ lines: FileLines,
        endpoint: BatchEndpoint,
        mostLines: Int,
        lineBytes: Int,
        isCancelled: () -> Bool
    ) throws -> Outcome {
        var outcome = Outcome()
        // Of their ids, which may be long, only digests are kept.
        var firstLines: [ArraySlice<UInt8>: Int] = [:]
        while let line = try lines.next(unless: isCancelled) {
            outcome.lines += 1
            guard outcome.lines <= mostLines else {
                outcome.problems.append(
                    BatchProblem(code: "too_many_requests", message: "The file has more than \(mostLines) requests.", line: line.number)
                )
                return outcome
            }
            do {
                let request = try BatchLine(line.bytes, number: line.number, endpoint: endpoint, limit: lineBytes)
                let digest = try SHA256Digest.of(Array(request.customID.utf8)).bytes.prefix(16)
                if let first = firstLines.updateValue(line.number, forKey: digest) {
                    throw BatchProblem(
                        code: "duplicate_custom_id",
                        message: "The 'custom_id' is that of line \(first), too; each line needs one of its own.",
                        parameter: "custom_id",
                        line: line.number
                    )
                }
            } catch let problem as BatchProblem {
                outcome.problems.append(problem)
                if outcome.problems.count >= mostProblems { return outcome }
            }
        }
        if outcome.lines == 0 { outcome.problems.append(BatchProblem(code: "empty_file", message: "The file has no requests.")) }
        return outcome
    }
}
