import Control
import Inference

/// Has a model answer many prompts, as many at once as its workers take.
public struct AnswerGenerator: Sendable {
    /// The model.
    public let model: LoadedModel
    private let pool: WorkerPool
    /// How many requests are in the workers' hands, or answered and waiting for an earlier one, at once.
    private let window: Int

    /// Makes a generator.
    ///
    /// - Parameters:
    ///   - model: one of the pool's.
    ///   - pool: the workers. It must take as many requests as `window` says, running and queued.
    ///   - window: how many requests are under way at once; several times what a worker runs, for answers differ in length.
    public init(model: LoadedModel, pool: WorkerPool, window: Int = 64) {
        self.model = model
        self.pool = pool
        self.window = max(window, 1)
    }

    /// Checks that the model has a site, before anything is written of it.
    ///
    /// - Throws: ``PoolError/noStateSite(_:layerCount:)``
    func check(_ site: HiddenStateSite) throws(PoolError) {
        let layerCount = model.configuration.layerCount
        guard site.exists(layerCount: layerCount) else { throw .noStateSite(site, layerCount: layerCount) }
    }

    /// Answers one request.
    ///
    /// - Throws: `PoolError`, `GenerationError`, or `CancellationError`.
    public func answer(_ request: GenerationRequest) async throws -> Answer {
        try await Answer(pool.submit(request, model: model.id))
    }

    /// Answers requests, and hands the answers over in their order. Memory is bounded by the window, whatever the number of requests.
    ///
    /// - Parameters:
    ///   - jobs: which requests to make.
    ///   - request: makes the request of a job.
    ///   - each: takes a job's answer.
    /// - Throws: the error of the first job that fails, after the answers of those before it were handed over; requests under way then end.
    public func run<Jobs: Swift.Sequence>(
        _ jobs: Jobs,
        request: @escaping @Sendable (Jobs.Element) throws -> GenerationRequest,
        each: (Jobs.Element, Answer) async throws -> Void
    ) async throws where Jobs.Element: Sendable {
        try await withThrowingTaskGroup(of: (Int, Jobs.Element, Result<Answer, any Error>).self) { group in
            var iterator = jobs.makeIterator()
            var (started, delivered, hasFailed) = (0, 0, false)
            var early: [Int: (Jobs.Element, Result<Answer, any Error>)] = [:]
            func start() {
                guard !hasFailed, let job = iterator.next() else { return }
                let place = started
                started += 1
                group.addTask {
                    do {
                        return (place, job, .success(try await answer(request(job))))
                    } catch {
                        return (place, job, .failure(error))
                    }
                }
            }
            for _ in 0..<window { start() }
            while let (place, job, result) = try await group.next() {
                early[place] = (job, result)
                if case .failure = result { hasFailed = true }
                while let (job, result) = early.removeValue(forKey: delivered) {
                    try Task.checkCancellation()
                    try await each(job, try result.get())
                    delivered += 1
                    start()
                }
            }
        }
    }
}
