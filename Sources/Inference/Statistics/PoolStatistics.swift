/// What a pool's workers have done since it began.
public struct PoolStatistics: Sendable, Equatable {
    /// What those of one model did.
    public struct Model: Sendable, Equatable {
        /// The model's id.
        public let id: String
        /// What its workers did.
        public let statistics: ModelStatistics
    }

    /// The models, in the order of the configuration.
    public let models: [Model]
    /// What steering did, by the name of the value function.
    public let heads: [String: HeadStatistics]
}
