/// The sizes of one worker's engine.
struct EngineLimits: Sendable {
    /// How many sequences run at once.
    var running: Int
    /// How many tokens one step computes at most: decodes, and pieces of prefills.
    var stepTokens = 256
    /// The longest sequence, in tokens.
    var contextLength: Int
    /// Blocks of the KV cache.
    var blockCount: Int
    /// Positions in a block.
    var blockSize = 16
    /// Whether blocks stay findable for sequences that begin alike.
    var cachesPrefixes = true
    /// Makes prefills be cut anywhere, at random.
    var cutSeed: UInt64?
    /// How long a reader may leave its queue full.
    var readerTimeout: Duration = .seconds(30)
}
