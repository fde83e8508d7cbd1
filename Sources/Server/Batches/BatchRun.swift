import Foundation
import HTTP
import Inference
import Logging
import ModelFiles

/// Carries one batch from where it is to its end. Whatever was done before, by this process or one that is no more, is not done again.
struct BatchRun: Sendable {
    private enum Event: Sendable {
        case turn(BatchAnswers.Turn)
        case lastTurn
        case result(BatchResult)
        case tick
        /// A turn that does not come, or a result: the task was cancelled, or the server shuts down.
        case noTurn
        case noResult
    }

    let id: String
    let storage: BatchStorage
    let answers: BatchAnswers
    let mostLines: Int
    /// Through which one batch at a time has its input read.
    let reading: LineGate
    let logger: Logger

    /// How often results are synced and counted.
    private static let syncInterval = Duration.milliseconds(500)

    /// Goes on until the batch has ended, or the task is cancelled: by a client that cancelled the batch, which then ends, or because the server does.
    func run() async throws {
        while true {
            guard let batch = try await storage.read({ [id] in try $0.batches.batch(id) }) else { return }
            switch batch.status {
            case .validating: try await validate(batch)
            case .inProgress: try await answer(batch)
            case .finalizing, .cancelling: try await finish(batch)
            case .completed, .failed, .cancelled: return
            }
        }
    }

    /// Changes the batch where it is still in a status: it may have been cancelled meanwhile.
    private func update(from status: BatchStatus, _ body: @escaping @Sendable (inout Batch) -> Void) async throws -> Batch {
        try await storage.update(id) { batch in
            if batch.status == status { body(&batch) }
        }
    }

    /// Where the task was cancelled: goes on where that is because the batch was, else ends.
    private func checkCancelled() async throws {
        guard Task.isCancelled else { return }
        let batch = try await storage.read { [id] in try $0.batches.batch(id) }
        guard batch?.status == .cancelling else { throw CancellationError() }
    }

    // MARK: Validation

    private func validate(_ batch: Batch) async throws {
        let isCancelled = Flag()
        let outcome: BatchValidation.Outcome
        do {
            let turn = try await reading.acquire(1)
            defer { turn.end() }
            outcome = try await withTaskCancellationHandler {
                try await OffPool.run { [storage, answers, mostLines, reading] in
                    try BatchValidation.check(
                        FileLines(storage.files.content(batch.inputFile), maximumLength: answers.lineBytes),
                        endpoint: batch.endpoint,
                        mostLines: mostLines,
                        lineBytes: answers.lineBytes,
                        isCancelled: { isCancelled.isSet || reading.isClosed }
                    )
                }
            } onCancel: {
                isCancelled.set()
            }
        } catch is CancellationError {
            // Where the server ends it is read after the next start.
            if reading.isClosed { throw CancellationError() }
            return try await checkCancelled()
        } catch ModelFileError.missingFile {
            return try await fail(.missingInput(batch.inputFile), batch)
        }
        let batch = try await update(from: .validating) { batch in
            batch.problems = outcome.problems
            if outcome.problems.isEmpty { batch.counts.total = outcome.lines }
            batch.enter(outcome.problems.isEmpty ? .inProgress : .failed)
        }
        if batch.status == .failed { log("batch failed: its input is not valid", batch) }
    }

    private func fail(_ problem: BatchProblem, _ batch: Batch) async throws {
        log(
            "batch failed: \(problem.message)",
            try await update(from: batch.status) { batch in
                batch.problems = [problem]
                batch.enter(.failed)
            }
        )
    }

    // MARK: Answers

    private func answer(_ batch: Batch) async throws {
        // Where the disk is full nothing is begun, for no result could be kept. Since it was read it may have been cancelled.
        guard try await storage.storeAgain(id).status == .inProgress else { return }
        // Its lines were not too long when they were read first; should they be now, their answers say so.
        let input: FileLines
        do {
            input = try await OffPool.run { [storage] in try FileLines(storage.files.content(batch.inputFile), maximumLength: .max) }
        } catch ModelFileError.missingFile {
            return try await fail(.missingInput(batch.inputFile), batch)
        }
        let results = try await OffPool.run { [storage] in try Self.results(of: batch, storage) }
        log(results.done.isEmpty ? "batch began" : "batch goes on", batch)
        if results.damaged > 0 {
            storage.budget.giveBack(results.damagedBytes)
            logger.error(
                "results of a batch were lost by the disk; the lines are answered again",
                metadata: ["batch": .string(batch.id), "lines": .stringConvertible(results.damaged)]
            )
        }
        do {
            try await answer(batch, input, results)
            try await count(results, ends: true)
        } catch is CancellationError {
            try await count(results, ends: false)
            try await checkCancelled()
            // Otherwise the server shuts down: what is not answered is answered after the next start.
            if !Task.isCancelled { throw CancellationError() }
        } catch let problem as BatchProblem {
            try await count(results, ends: false)
            try await fail(problem, batch)
        }
    }

    private static func results(of batch: Batch, _ storage: BatchStorage) throws -> BatchResults {
        try BatchResults(
            Dictionary(uniqueKeysWithValues: BatchResultKind.allCases.map { ($0, storage.batches.results($0, of: batch.id)) }),
            key: batch.key
        )
    }

    /// Answers all lines that have no result.
    private func answer(_ batch: Batch, _ input: FileLines, _ results: BatchResults) async throws {
        try await withThrowingTaskGroup(of: Event.self) { group in
            var (underWay, isReading, hasEnded, isStopped) = (0, false, false, false)
            func tick() {
                group.addTask {
                    try? await Task.sleep(for: Self.syncInterval)
                    if !Task.isCancelled { try await count(results, ends: false) }
                    return .tick
                }
            }
            tick()
            while true {
                if !isReading, !hasEnded {
                    isReading = true
                    group.addTask { try await nextTurn(batch, input, done: results.done) }
                }
                guard underWay > 0 || isReading, let event = try await group.next() else { break }
                switch event {
                case .turn(let turn):
                    isReading = false
                    underWay += 1
                    group.addTask {
                        do { return .result(try await answers.result(of: turn, of: batch)) } catch is CancellationError {
                            return .noResult
                        }
                    }
                case .lastTurn:
                    (isReading, hasEnded) = (false, true)
                case .result(let result):
                    underWay -= 1
                    let bytes = result.bytes
                    try await OffPool.run { try results.append(bytes, to: result.kind) }
                    storage.budget.add(bytes.count)
                case .tick:
                    if !Task.isCancelled { tick() }
                case .noTurn:
                    // What is under way may still be answered.
                    (isReading, hasEnded, isStopped) = (false, true, true)
                case .noResult:
                    underWay -= 1
                    (hasEnded, isStopped) = (true, true)
                }
            }
            group.cancelAll()
            if isStopped { throw CancellationError() }
        }
    }

    private func nextTurn(_ batch: Batch, _ input: FileLines, done: Set<Int>) async throws -> Event {
        @Sendable func next() throws -> BatchAnswers.Turn? {
            while let line = try input.next() {
                guard done.contains(line.number) else {
                    let line = try BatchLine(line.bytes, number: line.number, endpoint: batch.endpoint, limit: .max)
                    return answers.turn(of: line, endpoint: batch.endpoint)
                }
            }
            return nil
        }
        guard let turn = try await OffPool.run({ try next() }) else { return .lastTurn }
        do { return .turn(try await answers.waitToBegin(turn)) } catch is CancellationError { return .noTurn }
    }

    /// Syncs the results, then counts those that are safe.
    private func count(_ results: BatchResults, ends: Bool) async throws {
        let counts = try await OffPool.run { try results.sync() }
        guard counts != nil || ends else { return }
        _ = try await storage.update(id) { batch in
            batch.counts.completed = counts.map { $0[.output] ?? 0 } ?? results.count(.output)
            batch.counts.failed = counts.map { $0[.error] ?? 0 } ?? results.count(.error)
            if ends, batch.status == .inProgress { batch.enter(.finalizing) }
        }
    }

    // MARK: The end

    /// Makes the results files, each at most once, then the batch what it ends as.
    private func finish(_ batch: Batch) async throws {
        let files = try await OffPool.run { [storage] in
            (output: try Self.publish(.output, of: batch, storage), error: try Self.publish(.error, of: batch, storage))
        }
        let ended = try await storage.update(id) { batch in
            (batch.outputFile, batch.counts.completed) = (files.output?.id, files.output?.lines ?? 0)
            (batch.errorFile, batch.counts.failed) = (files.error?.id, files.error?.lines ?? 0)
            batch.enter(batch.status == .finalizing ? .completed : .cancelled)
        }
        log("batch \(ended.status.rawValue)", ended)
    }

    /// Makes the results of a kind a file.
    ///
    /// - Returns: nil where there are none.
    private static func publish(_ kind: BatchResultKind, of batch: Batch, _ storage: BatchStorage) throws -> (id: String, lines: Int)? {
        let (folder, id) = (storage.batches.results(kind, of: batch.id), batch.fileID(kind))
        if try storage.files.file(id) == nil {
            // What a killed process wrote of a last line is cut off.
            let results = try BatchResults([kind: folder], key: batch.key)
            guard results.count(kind) > 0 else {
                try DurableFiles.remove(folder)
                return nil
            }
            let file = StoredFile(
                id: id,
                bytes: try DurableFiles.size("\(folder)/content") ?? 0,
                created: Int(Date().timeIntervalSince1970),
                filename: "\(batch.id)_\(kind.rawValue).jsonl",
                purpose: .batchOutput,
                owner: batch.owner
            )
            try storage.files.publish(folder, as: file)
            storage.budget.add(StorageBudget.perFile)
        }
        let lines = try FileLines(storage.files.content(id), maximumLength: .max)
        var count = 0
        while try lines.next() != nil { count += 1 }
        return (id, count)
    }

    private func log(_ message: String, _ batch: Batch) {
        logger.info(
            "\(message)",
            metadata: [
                "batch": .string(batch.id),
                "requests": .stringConvertible(batch.counts.total),
                "completed": .stringConvertible(batch.counts.completed),
                "failed": .stringConvertible(batch.counts.failed),
            ]
        )
    }
}
