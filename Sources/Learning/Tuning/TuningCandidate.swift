import Control

/// Settings that were tried, and what they did.
public struct TuningCandidate: Sendable, Codable, Equatable {
    /// The settings, by the names of a request's `control` object; those that are off are missing.
    public let settings: [String: Float]
    /// How many prompts were answered.
    public let prompts: Int
    /// The mean reward.
    public let reward: Double
    /// The standard deviation of the rewards over the prompts.
    public let rewardDeviation: Double
    /// The mean diversity.
    public let diversity: Double
    /// The mean coherence; nil where nothing judges it.
    public let coherence: Double?
    /// The mean KL(steered || plain), in nats; nil where states are moved between blocks, for there it is not measured.
    public let kl: Double?
    /// The mean |u| / |h|.
    public let norm: Double
    /// The mean of V before and after control.
    public let valueBefore: Double
    /// The mean of V after control.
    public let valueAfter: Double

    private enum CodingKeys: String, CodingKey {
        case settings, prompts, reward, diversity, coherence, kl, norm
        case rewardDeviation = "reward_deviation"
        case valueBefore = "value_before"
        case valueAfter = "value_after"
    }

    /// What some settings did.
    package init(
        settings: ControlSettings,
        prompts: Int,
        reward: Double,
        rewardDeviation: Double,
        diversity: Double,
        coherence: Double? = nil,
        kl: Double?,
        norm: Double,
        valueBefore: Double,
        valueAfter: Double
    ) {
        self.settings = settings.named
        self.prompts = prompts
        self.reward = reward
        self.rewardDeviation = rewardDeviation
        self.diversity = diversity
        self.coherence = coherence
        self.kl = kl
        self.norm = norm
        self.valueBefore = valueBefore
        self.valueAfter = valueAfter
    }

    /// Whether it keeps the bounds.
    func keeps(_ bounds: TuningBounds, base: TuningCandidate) -> Bool {
        diversity >= base.diversity - bounds.diversityLoss && coherenceLoss(from: base) <= bounds.coherenceLoss && kl ?? 0 <= bounds.meanKL
    }

    /// How much less coherent the answers are than others; 0 where nothing judges that.
    func coherenceLoss(from base: TuningCandidate) -> Double {
        coherence.flatMap { own in base.coherence.map { $0 - own } } ?? 0
    }
}
