import Compute
import Foundation
import Logging
import Synchronization
import Transformer

/// One engine on a thread of its own, and the team that computes for it. A step that fails ends the engine's requests with an error, and a new
/// engine takes its place.
final class ModelWorker: Sendable {
    let model: LoadedModel
    let limits: EngineLimits
    /// What its cache holds.
    let prefixes = CachedPrefixes()
    private let threads: Int
    private let index: Int
    private let recorder: StatisticsRecorder
    private let logger: Logger
    private let mailbox = WorkerMailbox()
    private let current = Mutex(WorkerLoad())
    private let finished = DispatchSemaphore(value: 0)

    /// Makes the worker; ``start()`` starts it.
    ///
    /// - Parameters:
    ///   - model: what it runs.
    ///   - index: which of the model's workers it is.
    ///   - threads: how many threads compute.
    ///   - limits: the sizes of its engine.
    ///   - recorder: told what it does.
    ///   - logger: told of failures.
    init(model: LoadedModel, index: Int, threads: Int, limits: EngineLimits, recorder: StatisticsRecorder, logger: Logger) {
        self.model = model
        self.recorder = recorder
        self.index = index
        self.threads = threads
        self.limits = limits
        self.logger = logger
    }

    /// What the worker is doing.
    var load: WorkerLoad {
        current.withLock { $0 }
    }

    /// Starts the thread.
    func start() {
        let thread = Thread { [self] in
            serve()
            finished.signal()
        }
        thread.name = "rudder-\(model.id)-\(index)"
        thread.stackSize = 4 << 20
        current.withLock { $0.isUp = true }
        thread.start()
    }

    /// Hands over a request.
    func submit(_ request: GenerationRequest, queuedEvents: Int) -> GenerationStream {
        let queue = EventQueue(capacity: queuedEvents) { [mailbox] in mailbox.signal() }
        let arrival = ContinuousClock.now
        // Counted and posted as one, so that no report of the worker comes between.
        current.withLock { load in
            load.queued += 1
            load.rate.update(ended: 0, isBusy: true)
            mailbox.post { $0.submissions.append(.init(request: request, queue: queue, arrival: arrival)) }
        }
        return GenerationStream(queue)
    }

    /// Ends every sequence with ``GenerationError/stopped``.
    func failAll() {
        mailbox.post { $0.mustFailAll = true }
    }

    /// Has the worker look up.
    func wake() {
        mailbox.signal()
    }

    /// Ends the thread, and every sequence with it. Blocks until it is gone.
    func stop() {
        mailbox.post { $0.isStopping = true }
        finished.wait()
        finished.signal()
    }

    /// Makes the worker's next step fail, so that tests can see what then happens.
    package func injectFailure(_ reason: String) {
        mailbox.post { $0.injectedFailure = reason }
    }

    // MARK: The worker's thread

    private func serve() {
        let team = ThreadTeam(threads: threads)
        defer {
            team.stop()
            current.withLock { $0 = WorkerLoad() }
        }
        while true {
            do {
                try serve(team)
                return
            } catch {
                // Only memory can be lacking; without an engine, requests fail until there is one again.
                logger.error("worker \(index) of model '\(model.id)' cannot start: \(error)")
                recorder.noteFailure()
                current.withLock { $0 = WorkerLoad() }
                let content = mailbox.take(waiting: true, atMost: 1000)
                for submission in content.submissions { fail(submission, "\(error)") }
                if content.isStopping { return }
            }
        }
    }

    /// Runs an engine until the worker is stopped. A step that fails replaces it.
    private func serve(_ team: ThreadTeam) throws(ModelError) {
        var engine = try makeEngine(team)
        var isStalled = false
        while true {
            report(engine, isUp: true)
            let content = mailbox.take(waiting: engine.isIdle || isStalled, atMost: isStalled ? 50 : nil)
            for submission in content.submissions { engine.add(submission) }
            if content.isStopping || content.mustFailAll { end(engine.removeAll(), .stopped) }
            if content.isStopping { return }
            if !content.submissions.isEmpty {
                // Whoever reads a sequence's first token also sees that it runs.
                engine.admit()
                report(engine, isUp: true)
            }
            do {
                if let damage = model.damage { throw WorkerFailure(reason: damage) }
                if let reason = content.injectedFailure { throw WorkerFailure(reason: reason) }
                isStalled = engine.isIdle ? false : !(try engine.step())
            } catch let error where model.damage != nil {
                logger.critical("worker \(index) of model '\(model.id)' ended: \(error); restart the server with a whole file")
                recorder.noteFailure()
                report(engine, isUp: false)
                end(engine.removeAll(), .workerFailed(model: model.id, reason: "\(error)"))
                return refuseAll("\(error)")
            } catch {
                logger.error("worker \(index) of model '\(model.id)' failed and starts anew: \(error)")
                recorder.noteFailure()
                report(engine, isUp: false)
                // Told of the failure, a client may well ask again: only when there is a new engine to take it.
                let failed = engine.removeAll()
                defer { end(failed, .workerFailed(model: model.id, reason: "\(error)")) }
                engine = try makeEngine(team)
                report(engine, isUp: true)
                isStalled = false
            }
        }
    }

    /// Fails what comes, until the worker is stopped.
    private func refuseAll(_ reason: String) {
        while true {
            // Anew each time, for what comes was counted by whoever chose this worker before it went down.
            current.withLock { $0 = WorkerLoad() }
            let content = mailbox.take(waiting: true)
            for submission in content.submissions { fail(submission, reason) }
            if content.isStopping { return }
        }
    }

    private func makeEngine(_ team: ThreadTeam) throws(ModelError) -> Engine {
        try Engine(model: model, limits: limits, team: team, prefixes: prefixes, recorder: recorder)
    }

    private func report(_ engine: Engine, isUp: Bool) {
        let load = engine.load
        current.withLock {
            let ended = max(0, engine.endedCount - $0.ended)
            ($0.isUp, $0.running, $0.queued) = (isUp, load.running, load.waiting + mailbox.submissionCount)
            ($0.usedBlocks, $0.cachedBlocks) = (load.usedBlocks, load.cachedBlocks)
            $0.ended = engine.endedCount
            $0.rate.update(ended: ended, isBusy: $0.total > 0)
        }
    }

    private func end(_ sequences: [Sequence], _ error: GenerationError) {
        for sequence in sequences { sequence.fail(error) }
    }

    /// Ends a sequence that no engine saw.
    private func fail(_ submission: WorkerMailbox.Submission, _ reason: String) {
        var statistics = StepStatistics()
        statistics.end(submission.queue.reader.isCancelled ? .cancelled : .error, after: .now - submission.arrival)
        recorder.take(&statistics)
        submission.queue.finish(.failure(.workerFailed(model: model.id, reason: reason)))
    }
}
