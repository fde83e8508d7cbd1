/// How much a pool takes on.
public struct PoolLimits: Sendable {
    /// Sequences that run at once in each worker.
    public var running: Int
    /// Sequences that may wait, all workers together; one more is refused.
    public var queued: Int
    /// Compute threads of all models together.
    public var threads: Int
    /// Tokens that one step computes at most.
    public var stepTokens = 256
    /// Whether sequences that begin alike share the keys and values of what they have in common.
    public var cachesPrefixes = true
    /// By how many sequences the worker that holds most of a request's prompt may be busier than another and still get it.
    public var prefixMargin = 4
    /// Makes prefills be cut anywhere, at random, so that tests can see that nothing depends on it.
    package var cutSeed: UInt64?
    /// Events that may wait for a reader.
    public var queuedEvents = 256
    /// How long a reader may leave its queue full before its generation is ended.
    public var readerTimeout: Duration = .seconds(30)

    /// The defaults of the design: 16 running, 256 queued.
    public init(running: Int = 16, queued: Int = 256, threads: Int = 1) {
        self.running = running
        self.queued = queued
        self.threads = threads
    }
}
