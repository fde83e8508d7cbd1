import Inference
import Logging
import Synchronization

/// Runs the batches of a folder while this process is its owner: some at once, in the order of their making, what a former owner left included.
package final class BatchRunner: Sendable {
    private struct State {
        var running: [String: Task<Void, Never>] = [:]
        var waiting: [String] = []
        var isStopping = false
        var watch: Task<Void, Never>?
    }

    private let storage: BatchStorage
    private let answers: BatchAnswers
    private let gate: LineGate
    private let reading = LineGate(limit: 1)
    private let settings: BatchSettings
    private let logger: Logger
    private let state = Mutex(State())

    /// How many batches are under way at once; all share the gate.
    private static let atOnce = 16
    private static let watchInterval = Duration.seconds(1)
    private static let retryInterval = Duration.seconds(10)

    /// - Parameters:
    ///   - access: Tells what the owner of a batch may do.
    ///   - settings: What a batch may have, and how many there may be.
    ///   - concurrency: How many sequences of batches are under way at once.
    package init(
        storage: BatchStorage,
        chats: ChatCompletions,
        completions: TextCompletions,
        embeddings: TextEmbeddings,
        access: AccessControl,
        settings: BatchSettings,
        concurrency: Int,
        logger: Logger
    ) {
        self.storage = storage
        self.settings = settings
        self.logger = logger
        gate = LineGate(limit: concurrency)
        answers = BatchAnswers(chats: chats, completions: completions, embeddings: embeddings, access: access, gate: gate)
    }

    // MARK: Start and end

    /// Becomes the folder's owner and goes on with what is unfinished, now or when its owner has ended.
    package func start() async throws {
        if try await acquire() { return }
        logger.notice("another process runs the batches of this folder; this one shows them and takes over when that one ends")
        let watch = Task {
            while !Task.isCancelled {
                do {
                    try await Task.sleep(for: Self.watchInterval)
                    if try await acquire() { return logger.notice("this process runs the batches now") }
                } catch is CancellationError {
                    return
                } catch {
                    logger.error("the folder of batches cannot be used: \(error)")
                }
            }
        }
        state.withLock { $0.watch = watch }
    }

    private func acquire() async throws -> Bool {
        guard let unfinished = try await storage.acquire() else { return false }
        for batch in unfinished { run(batch.id) }
        return true
    }

    /// Begins no more lines. What is under way may end.
    package func stopBeginning() {
        state.withLock { state in
            state.isStopping = true
            state.waiting = []
            state.watch?.cancel()
        }
        storage.stopWaiting()
        gate.close()
        reading.close()
    }

    /// Whether lines of batches are under way.
    package var isBusy: Bool {
        state.withLock { !$0.running.isEmpty }
    }

    /// Lets another process be the owner once nothing is under way, neither of a batch nor of an upload. No more may begin. Cancelled, it gives up.
    ///
    /// - Parameter idle: how long this one stays the owner for requests that still come, where no other waits for its turn.
    package func release(idle: Duration) async {
        stopBeginning()
        // It may have been waiting for its turn, and be about to become the owner.
        await state.withLock { $0.watch }?.value
        let end = ContinuousClock.now + idle
        while storage.isOwner, .now < end, await !storage.isAwaited {
            do { try await Task.sleep(for: min(.milliseconds(100), end - .now)) } catch { return }
        }
        while isBusy || storage.isReceiving {
            do { try await Task.sleep(for: .milliseconds(20)) } catch { return }
        }
        await storage.release()
    }

    /// Ends what is still under way, and lets another process be the owner. Unfinished batches go on after the next start.
    package func stop() async {
        stopBeginning()
        let (tasks, watch) = state.withLock { (Array($0.running.values), $0.watch) }
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
        await watch?.value
        await storage.release()
    }

    // MARK: Batches

    /// Stores a new batch and runs it when its turn comes.
    package func add(_ batch: Batch) async throws {
        try await storage.change { storage in
            guard let file = try storage.files.file(batch.inputFile), batch.owner == nil || file.owner == batch.owner else {
                throw APIError.notFound(
                    "input_file_id",
                    "There is no file '\(batch.inputFile)'; upload it to /v1/files first.",
                    code: "file_not_found"
                )
            }
            guard file.purpose == .batch else {
                throw APIError.invalid("input_file_id", "The file's purpose must be 'batch', not '\(file.purpose.rawValue)'.")
            }
            guard storage.unfinished.count < self.settings.unfinished else { throw APIError.tooManyBatches(self.settings.unfinished) }
            try storage.store(batch)
            // This one is stored, whatever becomes of old ones.
            do { try storage.forget(beyond: self.settings.kept) } catch {
                self.logger.warning("old batches cannot be forgotten, which is tried again: \(error)")
            }
        }
        run(batch.id)
    }

    /// Cancels a batch; one that is being cancelled, or that was, stays as it is.
    package func cancel(_ id: String) async throws -> Batch {
        let batch = try await storage.update(id) { batch in
            switch batch.status {
            case .validating, .inProgress: batch.enter(.cancelling)
            case .cancelling, .cancelled: break
            case .finalizing, .completed, .failed:
                throw APIError.invalid(
                    "id",
                    "The batch is \(batch.status.rawValue) and can no longer be cancelled.",
                    code: "batch_not_cancellable"
                )
            }
        }
        guard batch.status == .cancelling else { return batch }
        state.withLock { state in
            state.running[id]?.cancel()
            // To end one that has not begun takes no time.
            if let index = state.waiting.firstIndex(of: id), !state.isStopping {
                state.waiting.remove(at: index)
                begin(id, &state)
            }
        }
        return batch
    }

    private func run(_ id: String) {
        state.withLock { state in
            guard !state.isStopping else { return }
            if state.running.count < Self.atOnce { begin(id, &state) } else { state.waiting.append(id) }
        }
    }

    private func begin(_ id: String, _ state: inout State) {
        // Not a child of the request that may have asked for it, nor logged under its id.
        state.running[id] = Task.detached { [self] in
            await carryOut(id)
            self.state.withLock { state in
                state.running[id] = nil
                if !state.isStopping, !state.waiting.isEmpty, state.running.count < Self.atOnce {
                    begin(state.waiting.removeFirst(), &state)
                }
            }
        }
    }

    /// Runs a batch to its end. What the disk refuses is tried again.
    private func carryOut(_ id: String) async {
        let run = BatchRun(id: id, storage: storage, answers: answers, mostLines: settings.lines, reading: reading, logger: logger)
        while true {
            do {
                return try await run.run()
            } catch is CancellationError {
                return
            } catch {
                logger.error("a batch is held up, and tried again: \(error)", metadata: ["batch": .string(id)])
            }
            // A task of its own, for this one may be cancelled, by its client: then the batch still has to be ended.
            let end = ContinuousClock.now + Self.retryInterval
            while ContinuousClock.now < end {
                if state.withLock({ $0.isStopping }) { return }
                await Task.detached { try? await Task.sleep(for: .milliseconds(200)) }.value
            }
        }
    }
}
