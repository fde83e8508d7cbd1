/// What the value of a state is fitted to: the targets of a sequence of states h_0 … h_{T-1} whose answer got the reward r at its end (Sutton and
/// Barto, Reinforcement Learning, 2nd edition, chapters 5, 6 and 12; no discount, and no reward before the end).
public enum ValueTarget: String, Sendable, Codable, CaseIterable {
    /// The reward, for every state.
    case monteCarlo = "monte-carlo"
    /// The value of the next state, and the reward for the last: the Bellman equation as RE-Control fits it (arXiv:2406.05954, equation 5).
    case temporalDifference = "td"
    /// The λ-return: mixes all numbers of steps between both.
    case temporalDifferenceLambda = "td-lambda"

    /// The targets.
    ///
    /// - Parameters:
    ///   - values: V of every state as it is now; targets are constants, no derivative goes through them.
    ///   - reward: r.
    ///   - lambda: 0 gives those of `td`, 1 those of `monte-carlo`.
    package func targets(values: ArraySlice<Float>, reward: Float, lambda: Float) -> [Float] {
        let lambda =
            switch self {
            case .monteCarlo: Float(1)
            case .temporalDifference: Float(0)
            case .temporalDifferenceLambda: lambda
            }
        var targets = [Float](repeating: reward, count: values.count)
        for place in stride(from: values.count - 2, through: 0, by: -1) {
            targets[place] = (1 - lambda) * values[values.startIndex + place + 1] + lambda * targets[place + 1]
        }
        return targets
    }
}
