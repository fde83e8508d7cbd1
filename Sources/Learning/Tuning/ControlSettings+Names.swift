import Control

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
