import Control

/// Settings that were tried, and what they did.
public struct TuningCandidate: Sendable, Codable, Equatable {
    /// The settings, by the names of a request's `control` object; those that are off are missing.
    public let settings: [String: Float]
    /// The mean reward.
    public let reward: Double
    /// The standard deviation of the rewards over the prompts.
    public let rewardDeviation: Double
    /// The mean diversity.
    public let diversity: Double
    /// The mean KL(steered || plain), in nats.
    public let kl: Double
    /// The mean |u| / |h|.
    public let norm: Double
    /// The mean of V before and after control.
    public let valueBefore: Double
    /// The mean of V after control.
    public let valueAfter: Double

    private enum CodingKeys: String, CodingKey {
        case settings, reward, diversity, kl, norm
        case rewardDeviation = "reward_deviation"
        case valueBefore = "value_before"
        case valueAfter = "value_after"
    }

    /// Whether it keeps the bounds.
    func keeps(_ bounds: TuningBounds, base: TuningCandidate) -> Bool {
        diversity >= base.diversity - bounds.diversityLoss && kl <= bounds.meanKL
    }
}

extension ControlSettings {
    /// The settings by their names, those that are off left out.
    var named: [String: Float] {
        var named: [String: Float] = ["steps": Float(steps), "step_size": stepSize]
        if regularization > 0 { named["regularization"] = regularization }
        named["max_norm"] = maxNorm
        named["kl_budget"] = klBudget
        named["target_value"] = targetValue
        return named
    }

    /// The settings as a head's metadata has them: every key, so that what an earlier tuning chose is gone.
    public var metadata: [String: String] {
        var metadata = [
            "steps": "\(steps)", "step_size": "\(stepSize)", "regularization": "\(regularization)", "max_norm": "null", "kl_budget": "null",
            "target_value": "null",
        ]
        for (name, value) in [("max_norm", maxNorm), ("kl_budget", klBudget), ("target_value", targetValue)] {
            if let value { metadata[name] = "\(value)" }
        }
        return metadata
    }
}
