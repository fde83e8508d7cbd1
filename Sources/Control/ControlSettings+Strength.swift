extension ControlSettings {
    /// The same control at another strength: steps and the trust region that many times as long, a budget as much larger as the divergence of a
    /// control signal that many times as long, its square.
    ///
    /// - Parameter factor: above 0.
    public func scaled(by factor: Float) -> ControlSettings {
        var settings = self
        settings.stepSize = min(stepSize * factor, 1000)
        settings.maxNorm = maxNorm.map { $0 * factor }
        settings.klBudget = klBudget.map { $0 * factor * factor }
        return settings
    }
}
