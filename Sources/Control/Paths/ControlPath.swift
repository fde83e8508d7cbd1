/// A way to compute the ascent. States are `hiddenSize` values.
protocol ControlPath: Sendable {
    /// Moves a state in place.
    func steer(
        _ state: UnsafeMutablePointer<Float>,
        settings: ControlSettings,
        workspace: ControlWorkspace
    ) -> ControlOutcome

    /// V of a state.
    func value(_ state: UnsafePointer<Float>, workspace: ControlWorkspace) -> Float
}
