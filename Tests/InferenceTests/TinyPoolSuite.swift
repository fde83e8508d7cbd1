import Inference
import Testing

/// Tests that run requests on pools of the small random model.
protocol TinyPoolSuite {}

extension TinyPoolSuite {
    /// A greedy request that nothing but its number of tokens ends, with what a test changes.
    func request(_ prompt: [Int32] = [5, 6, 7], tokens: Int = 8, _ change: (inout GenerationRequest) -> Void = { _ in })
        -> GenerationRequest
    {
        var request = GenerationRequest(prompt: prompt, maximumTokens: tokens)
        request.sampling.temperature = 0
        request.ignoresEndOfSequence = true
        change(&request)
        return request
    }

    /// A pool of two threads, with what a test changes.
    func tinyPool(workers: Int = 1, _ change: (inout PoolLimits) -> Void = { _ in }) throws -> WorkerPool {
        var limits = PoolLimits(threads: 2)
        change(&limits)
        return TestModels.pool([ModelSpecification(model: try #require(try TestModels.tiny()), workers: workers)], limits)
    }
}
