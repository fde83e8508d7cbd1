/// How strongly a request is steered: the `control` object's numbers (Docs/control.md says what each does).
public struct ControlSettings: Sendable, Equatable {
    /// Gradient steps per token, 0 to 1000: the paper's n.
    public var steps = 30
    /// The length of a step, above 0 and at most 1000: the paper's alpha.
    public var stepSize: Float = 1
    /// lambda in V(h + u) - lambda |u|², 0 or more.
    public var regularization: Float = 0
    /// The trust region: |u| <= maxNorm · |h|; nil for none.
    public var maxNorm: Float?
    /// How far a token's distribution may move, in nats: KL(steered || plain) <= klBudget; nil for no bound.
    public var klBudget: Float?
    /// Steps stop once V(h + u) reaches it; nil for never.
    public var targetValue: Float?
    /// Whether every token's values, norm and KL are reported.
    public var trace = false

    /// The defaults.
    public init() {}

    /// Checks every range.
    ///
    /// - Throws: ``ControlSettingsError`` that names the field.
    public func validate() throws(ControlSettingsError) {
        guard (0...1000).contains(steps) else { throw .init(field: "steps", expected: "a whole number from 0 to 1000") }
        guard stepSize > 0, stepSize <= 1000 else { throw .init(field: "step_size", expected: "a number above 0 and at most 1000") }
        for (field, value) in [("regularization", regularization), ("max_norm", maxNorm ?? 0), ("kl_budget", klBudget ?? 0)] {
            guard value >= 0, value.isFinite else { throw .init(field: field, expected: "a finite number of 0 or more") }
        }
        if let targetValue, !targetValue.isFinite { throw .init(field: "target_value", expected: "a finite number") }
    }

    /// Checks every range, and that the site has what the settings ask for.
    ///
    /// - Throws: ``ControlSettingsError`` that names the field.
    public func validate(site: HiddenStateSite) throws(ControlSettingsError) {
        try validate()
        // Plain logits behind a moved state would take the rest of the model once more.
        guard site == .finalNorm || klBudget == nil else {
            throw .init(field: "kl_budget", expected: "null at the site '\(site)', where plain logits are not computed")
        }
    }
}
