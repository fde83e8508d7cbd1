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
    private let threads: Int
    private let index: Int
    private let logger: Logger
    private let mailbox = WorkerMailbox()
    private let current = Mutex(WorkerLoad())
    private let finished = DispatchSemaphore(value: 0)

    /// Makes the worker; ``start()`` starts it.
    init(model: LoadedModel, index: Int, threads: Int, limits: EngineLimits, logger: Logger) {
        self.model = model
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
        // Counted and posted as one, so that no report of the worker comes between.
        current.withLock { load in
            load.queued += 1
            mailbox.post { $0.submissions.append(.init(request: request, queue: queue)) }
        }
        return GenerationStream(queue)
    }

    /// Ends every sequence with ``GenerationError/stopped``.
    func failAll() {
        mailbox.post { $0.mustFailAll = true }
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
                current.withLock { $0.isUp = false }
                let content = mailbox.take(waiting: true, atMost: 1000)
                for submission in content.submissions { fail(submission, "\(error)") }
                if content.isStopping { return }
            }
        }
    }

    /// Runs an engine until the worker is stopped. A step that fails replaces it.
    private func serve(_ team: ThreadTeam) throws(ModelError) {
        var engine = try Engine(model: model, limits: limits, team: team)
        var isStalled = false
        while true {
            report(engine, isUp: true)
            let content = mailbox.take(waiting: engine.isIdle || isStalled, atMost: isStalled ? 50 : nil)
            for submission in content.submissions {
                engine.add(Sequence(request: submission.request, queue: submission.queue, tokenizer: model.tokenizer))
            }
            if content.isStopping || content.mustFailAll { engine.failAll(.stopped) }
            if content.isStopping { return }
            do {
                if let reason = content.injectedFailure { throw WorkerFailure(reason: reason) }
                isStalled = engine.isIdle ? false : !(try engine.step())
            } catch {
                logger.error("worker \(index) of model '\(model.id)' failed and starts anew: \(error)")
                engine.failAll(.workerFailed(model: model.id, reason: "\(error)"))
                report(engine, isUp: false)
                engine = try Engine(model: model, limits: limits, team: team)
                isStalled = false
            }
        }
    }

    private func report(_ engine: Engine, isUp: Bool) {
        let load = engine.load
        current.withLock {
            let queued = load.waiting + mailbox.submissionCount
            $0 = WorkerLoad(isUp: isUp, running: load.running, queued: queued, usedBlocks: load.usedBlocks)
        }
    }

    private func fail(_ submission: WorkerMailbox.Submission, _ reason: String) {
        submission.queue.finish(.failure(.workerFailed(model: model.id, reason: reason)))
    }
}
