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

    /// Records that were made before coherence was judged have no bound for it.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        diversityLoss = try container.decode(Double.self, forKey: .diversityLoss)
        coherenceLoss = try container.decodeIfPresent(Double.self, forKey: .coherenceLoss) ?? coherenceLoss
        meanKL = try container.decode(Double.self, forKey: .meanKL)
    }

    private enum CodingKeys: String, CodingKey {
        case diversityLoss = "diversity_loss"
        case coherenceLoss = "coherence_loss"
        case meanKL = "mean_kl"
    }
}
