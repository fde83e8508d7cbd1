/// What the workers of one model have done since their pool began. Nothing in it ever falls, also where a worker is started anew.
public struct ModelStatistics: Sendable, Equatable {
    /// How many sequences ended, by how.
    public internal(set) var ended: [SequenceEnd: Int] = [:]
    /// Tokens of the prompts of sequences that were begun.
    public internal(set) var promptTokens = 0
    /// Tokens that were generated, end-of-sequence tokens not counted.
    public internal(set) var generatedTokens = 0
    /// Tokens that value functions steered, each once however many heads steered it; of sequences that have ended.
    public internal(set) var controlledTokens = 0
    /// Tokens of prompts that were looked for in the cache; 0 where prefixes are not cached.
    public internal(set) var prefixQueries = 0
    /// How many of those were found.
    public internal(set) var prefixHits = 0
    /// How often a worker failed, or could not start.
    public internal(set) var workerFailures = 0
    /// Seconds from a sequence's arrival to its first token, or to its end where that came first of all tokens.
    public internal(set) var timeToFirstToken = Histogram(bounds: HistogramBounds.timeToFirstToken)
    /// Seconds from each token of a sequence to the next.
    public internal(set) var timePerOutputToken = Histogram(bounds: HistogramBounds.timePerOutputToken)
    /// Seconds from a sequence's arrival to the first step that computes for it.
    public internal(set) var queueTime = Histogram(bounds: HistogramBounds.request)
    /// Seconds from a sequence's arrival to its end, however it ended.
    public internal(set) var latency = Histogram(bounds: HistogramBounds.request)
}
