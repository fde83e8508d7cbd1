/// What a batch's pieces are checked against: the sizes of one runner's model and cache.
public struct BatchLimits: Sendable, Equatable {
    /// How many tokens one step may compute.
    public let maximumTokens: Int
    /// Token ids are below this.
    public let vocabularySize: Int
    /// Positions are below this.
    public let contextLength: Int
    /// How many positions a block of the cache holds.
    public let blockSize: Int
    /// Block numbers are below this.
    public let blockCount: Int
}
