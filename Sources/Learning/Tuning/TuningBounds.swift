/// What a stronger control may cost.
public struct TuningBounds: Sendable, Codable, Equatable {
    /// How much less diverse answers may be than the model's own, on average.
    public var diversityLoss = 0.02
    /// How much less coherent answers may be than the model's own, on average, by a judge of coherence; counts where there is one.
    public var coherenceLoss = 0.02
    /// The largest mean KL(steered || plain) of the next token's distribution, in nats.
    public var meanKL = 0.6

    /// The defaults.
    public init() {}

    private enum CodingKeys: String, CodingKey {
        case diversityLoss = "diversity_loss"
        case coherenceLoss = "coherence_loss"
        case meanKL = "mean_kl"
    }
}
