/// What one worker is doing.
struct WorkerLoad: Sendable {
    var isUp = false
    /// Sequences that were submitted and have not ended.
    var running = 0
    var queued = 0
    var usedBlocks = 0
    /// Blocks that hold a prefix and that no sequence owns.
    var cachedBlocks = 0
    /// How many sequences have left the engine that now runs.
    var ended = 0
    var rate = CompletionRate()

    var total: Int {
        running + queued
    }
}
