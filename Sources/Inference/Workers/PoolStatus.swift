/// What a pool is doing.
public struct PoolStatus: Sendable, Equatable {
    /// What one model's workers are doing.
    public struct Model: Sendable, Equatable {
        /// The model's id.
        public let id: String
        /// How many workers it has.
        public let workers: Int
        /// How many of them are up.
        public let up: Int
        /// Sequences that run.
        public let running: Int
        /// Sequences that wait.
        public let queued: Int
        /// KV blocks in use.
        public let usedBlocks: Int
        /// KV blocks that no sequence uses, but that hold what one that begins alike will find.
        public let cachedBlocks: Int
        /// KV blocks there are.
        public let blocks: Int
        /// Tokens of the prompts that were begun since the pool began.
        public let promptTokens: Int
        /// How many of those were in the cache already.
        public let cachedPromptTokens: Int
    }

    /// The models, in the order of the configuration.
    public let models: [Model]
    /// Whether no more requests are taken, or soon none.
    public let isDraining: Bool

    /// Whether every model has a worker that is up, and requests are taken.
    public var isReady: Bool {
        !isDraining && models.allSatisfy { $0.up > 0 }
    }
}
