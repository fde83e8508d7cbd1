import Control
import ValueRegistry

/// A request's `control` object, decoded: which value functions steer, and what the request says of how.
package struct ControlRequest: Sendable, Equatable {
    /// A value function and its part in the sum.
    package struct Head: Sendable, Equatable {
        package var reference: HeadReference
        package var weight: Float
        /// The request's field that names it, for errors.
        package var field: String
    }

    /// The value functions, at least one.
    package var heads: [Head]
    /// Whether they were given as `heads`, so that no metadata of theirs counts.
    package var isMixture: Bool
    package var steps: ControlOverride<Int> = .inherited
    package var stepSize: ControlOverride<Float> = .inherited
    package var regularization: ControlOverride<Float> = .inherited
    package var maxNorm: ControlOverride<Float?> = .inherited
    package var klBudget: ControlOverride<Float?> = .inherited
    package var targetValue: ControlOverride<Float?> = .inherited
    package var trace: ControlOverride<Bool> = .inherited

    /// The settings that hold: the request's over the head's own over the defaults.
    package func settings(inherited: ControlSettings) -> ControlSettings {
        var settings = inherited
        steps.apply(to: &settings.steps)
        stepSize.apply(to: &settings.stepSize)
        regularization.apply(to: &settings.regularization)
        maxNorm.apply(to: &settings.maxNorm)
        klBudget.apply(to: &settings.klBudget)
        targetValue.apply(to: &settings.targetValue)
        trace.apply(to: &settings.trace)
        return settings
    }
}
