import Foundation
import Logging
import Synchronization
import Transformer

/// All workers of all models: takes requests, picks a worker, bounds the queue.
public final class WorkerPool: Sendable {
    private struct Entry: Sendable {
        let model: LoadedModel
        let workers: [ModelWorker]
        let contextLength: Int
        let recorder: StatisticsRecorder
    }

    private let entries: [Entry]
    private let limits: PoolLimits
    private let state = Mutex(State())

    private struct State {
        /// Whether those that can wait, or ask elsewhere, shall send no more.
        var isDraining = false
        /// Whether no request is taken any more.
        var isClosed = false
    }

    /// Starts the workers of every model.
    ///
    /// Threads are divided evenly among the models that do not name a number, and a model's among its workers; each worker has at least one.
    ///
    /// - Parameters:
    ///   - models: the models, at least one, of different ids.
    ///   - limits: how much to take on.
    ///   - logger: told of workers that fail.
    public init(models: [ModelSpecification], limits: PoolLimits, logger: Logger) {
        self.limits = limits
        let threads = max(1, limits.threads / max(models.count, 1))
        entries = models.map { specification in
            let workers = max(specification.workers, 1)
            let engine = Self.engineLimits(specification, limits, logger)
            let threadsEach = max(1, (specification.threads ?? threads) / workers)
            let recorder = StatisticsRecorder()
            return Entry(
                model: specification.model,
                workers: (0..<workers).map {
                    ModelWorker(
                        model: specification.model,
                        index: $0,
                        threads: threadsEach,
                        limits: engine,
                        recorder: recorder,
                        logger: logger
                    )
                },
                contextLength: engine.contextLength,
                recorder: recorder
            )
        }
        for worker in entries.flatMap(\.workers) { worker.start() }
    }

    private static func engineLimits(_ specification: ModelSpecification, _ limits: PoolLimits, _ logger: Logger) -> EngineLimits {
        let model = specification.model
        var engine = EngineLimits(running: max(limits.running, 1), contextLength: model.contextLength, blockCount: 1)
        engine.stepTokens = max(limits.stepTokens, engine.running)
        engine.cachesPrefixes = limits.cachesPrefixes
        engine.cutSeed = limits.cutSeed
        engine.readerTimeout = limits.readerTimeout
        let blockBytes = KVCache.bytesPerBlock(model.configuration, blockSize: engine.blockSize)
        let wanted = (specification.keyValueBytes ?? 512 << 20) / max(blockBytes, 1)
        let needed = (model.contextLength + engine.blockSize - 1) / engine.blockSize
        if wanted < needed, specification.keyValueBytes != nil {
            logger.warning(
                "the KV cache of '\(model.id)' is raised to \(needed * blockBytes) bytes, which one context of \(model.contextLength) tokens takes"
            )
        }
        engine.blockCount = max(wanted, needed)
        return engine
    }

    /// Takes a request.
    ///
    /// - Parameters:
    ///   - request: what to do.
    ///   - id: the model's.
    /// - Returns: the events. Dropping the stream ends the generation.
    /// - Throws: ``PoolError``
    public func submit(_ request: GenerationRequest, model id: String) throws(PoolError) -> GenerationStream {
        guard let entry = entries.first(where: { $0.model.id.utf8.elementsEqual(id.utf8) }) else { throw .unknownModel(id) }
        try check(request, entry)
        guard Self.isWhole(entry) else { throw .unavailable(model: id) }
        let isChoice = limits.cachesPrefixes && entry.workers.count > 1
        let chain = isChoice ? BlockChain.keys(of: request.prompt, blockSize: entry.workers[0].limits.blockSize) : []
        // One at a time, so that the bound on the queue holds.
        let outcome = state.withLock { state -> Result<GenerationStream, PoolError> in
            if state.isClosed { return .failure(.draining) }
            guard let best = choose(entry.workers, chain) else { return .failure(.unavailable(model: id)) }
            let queued = entries.flatMap(\.workers).reduce(0) { $0 + max(0, $1.load.total - limits.running) }
            let isWaiting = best.load.total >= limits.running
            guard !isWaiting || queued < limits.queued else { return .failure(.queueFull(retryAfter: secondsUntilRoom())) }
            best.worker.prefixes.note(chain)
            return .success(best.worker.submit(request, queuedEvents: max(limits.queuedEvents, 2)))
        }
        return try outcome.get()
    }

    /// Whether a model's files are as they were. Where not, its workers are woken, to find out and say so.
    private static func isWhole(_ entry: Entry) -> Bool {
        guard entry.model.damage != nil else { return true }
        for worker in entry.workers where worker.load.isUp { worker.wake() }
        return false
    }

    /// How many sequences of a model may run at once, in all of its workers; nil where there is no such model.
    public func places(model id: String) -> Int? {
        entries.first { $0.model.id.utf8.elementsEqual(id.utf8) }.map { $0.workers.count * limits.running }
    }

    /// How many sequences of a model may run and wait at once; nil where there is no such model.
    public func capacity(model id: String) -> Int? {
        entries.first { $0.model.id.utf8.elementsEqual(id.utf8) }.map { $0.workers.count * limits.running + limits.queued }
    }

    /// The worker that holds most of a prompt, given by the keys of its chain, unless it is busier than the least busy one by more than the
    /// margin, or the request would have to wait there alone; else the least busy one. Nil where none is up.
    private func choose(_ workers: [ModelWorker], _ chain: [UInt64]) -> (worker: ModelWorker, load: WorkerLoad)? {
        let loads = workers.map { (worker: $0, load: $0.load) }.filter(\.load.isUp)
        guard let least = loads.min(by: { $0.load.total < $1.load.total }), !chain.isEmpty else {
            return loads.min { $0.load.total < $1.load.total }
        }
        let most = least.load.total < limits.running ? min(least.load.total + limits.prefixMargin, limits.running - 1) : .max
        var (best, bestCount) = (least, least.worker.prefixes.heldCount(chain))
        for other in loads where other.load.total <= most {
            let count = other.worker.prefixes.heldCount(chain)
            if count > bestCount || (count == bestCount && other.load.total < best.load.total) { (best, bestCount) = (other, count) }
        }
        return best
    }

    /// The time until the next sequence ends, by how fast they have ended of late: a whole number of seconds from 1 to 60.
    private func secondsUntilRoom() -> Int {
        let rate = entries.flatMap(\.workers).reduce(0.0) { $0 + ($1.load.rate.perSecond() ?? 0) }
        return rate > 0 ? Int(min(60, max(1, (1 / rate).rounded(.up)))) : 1
    }

    private func check(_ request: GenerationRequest, _ entry: Entry) throws(PoolError) {
        guard !request.prompt.isEmpty else { throw .emptyPrompt }
        let vocabularySize = entry.model.configuration.vocabularySize
        if let token = request.prompt.first(where: { $0 < 0 || Int($0) >= vocabularySize }) {
            throw .tokenOutOfRange(token, vocabularySize: vocabularySize)
        }
        let (length, overflow) = request.prompt.count.addingReportingOverflow(max(request.maximumTokens, 0))
        guard !overflow, length <= entry.contextLength else {
            throw .contextExceeded(
                promptTokens: request.prompt.count,
                maximumTokens: request.maximumTokens,
                contextLength: entry.contextLength
            )
        }
        do { try request.sampling.validate() } catch { throw .sampling(error) }
        if let control = request.control, control.hiddenSize != entry.model.configuration.hiddenSize {
            throw .controlSize(found: control.hiddenSize, expected: entry.model.configuration.hiddenSize)
        }
        let layerCount = entry.model.configuration.layerCount
        if let site = request.control?.site, !site.exists(layerCount: layerCount) { throw .noControlSite(site, layerCount: layerCount) }
        guard request.stateSite.exists(layerCount: layerCount) else { throw .noStateSite(request.stateSite, layerCount: layerCount) }
    }

    /// What the pool is doing.
    public var status: PoolStatus {
        let models = entries.map { entry in
            let loads = entry.workers.map(\.load)
            let statistics = entry.recorder.model
            return PoolStatus.Model(
                id: entry.model.id,
                workers: loads.count,
                up: Self.isWhole(entry) ? loads.count { $0.isUp } : 0,
                running: loads.reduce(0) { $0 + $1.running },
                queued: loads.reduce(0) { $0 + $1.queued },
                usedBlocks: loads.reduce(0) { $0 + $1.usedBlocks },
                cachedBlocks: loads.reduce(0) { $0 + $1.cachedBlocks },
                blocks: entry.workers.reduce(0) { $0 + $1.limits.blockCount },
                promptTokens: statistics.promptTokens,
                cachedPromptTokens: statistics.prefixHits
            )
        }
        return PoolStatus(models: models, isDraining: state.withLock { $0.isDraining })
    }

    /// What the workers have done since the pool began.
    public var statistics: PoolStatistics {
        var heads: [String: HeadStatistics] = [:]
        for entry in entries {
            for (name, statistics) in entry.recorder.heads { heads[name, default: HeadStatistics()].add(statistics) }
        }
        return PoolStatistics(
            models: entries.map { PoolStatistics.Model(id: $0.model.id, statistics: $0.recorder.model) },
            heads: heads
        )
    }

    /// Says in ``status`` that the pool is about to take no more requests. Until ``drain(timeout:)`` it takes those that are on their way.
    public func beginDraining() {
        state.withLock { $0.isDraining = true }
    }

    private func close() {
        state.withLock { ($0.isDraining, $0.isClosed) = (true, true) }
    }

    /// Takes no more requests, and waits until those there are have ended. What runs longer than `timeout`, or when the task is cancelled, ends
    /// with ``GenerationError/stopped``, as soon as the step that computes is done.
    public func drain(timeout: Duration) async {
        close()
        let deadline = ContinuousClock.now + timeout
        while !isIdle {
            guard ContinuousClock.now < deadline, !Task.isCancelled else { break }
            try? await Task.sleep(for: .milliseconds(10))
        }
        guard !isIdle else { return }
        for worker in entries.flatMap(\.workers) { worker.failAll() }
        let end = ContinuousClock.now + Self.lastStep
        // In tasks of their own, for this one may be cancelled.
        while !isIdle, ContinuousClock.now < end { await Task.detached { try? await Task.sleep(for: .milliseconds(5)) }.value }
    }

    /// How long a step that computes may take when all is to end: of a large model, with a long prompt, it is seconds.
    private static let lastStep = Duration.seconds(10)

    private var isIdle: Bool {
        entries.allSatisfy { $0.workers.allSatisfy { $0.load.total == 0 } }
    }

    /// Ends every worker and what it runs. Blocks until they are gone.
    public func stop() {
        close()
        for worker in entries.flatMap(\.workers) { worker.stop() }
    }

    /// Makes the next step of a model's worker fail, so that tests can see what then happens.
    package func injectFailure(_ reason: String, model id: String, worker: Int) {
        entries.first { $0.model.id == id }?.workers[worker].injectFailure(reason)
    }
}
