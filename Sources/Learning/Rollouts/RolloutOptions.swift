import Inference

/// How rollouts are sampled. Kept with them, so that a run which was interrupted goes on as it began.
public struct RolloutOptions: Sendable, Codable, Equatable {
    /// Answers to each prompt.
    public var samples = 4
    /// Most tokens of an answer.
    public var maximumTokens = 64
    /// Sampling temperature, 0 to 2.
    public var temperature: Float = 1
    /// Sample from the likeliest tokens that together have this probability.
    public var topP: Float = 1
    /// What all samples' seeds come from.
    public var seed: UInt64 = 0
    /// Whether prompts are continued without the model's chat template.
    public var isRaw = false
    /// What steered them, as the command line had it; nil for the model's own answers.
    public var control: String?

    /// The defaults.
    public init() {}

    private enum CodingKeys: String, CodingKey {
        case samples
        case maximumTokens = "max_tokens"
        case temperature
        case topP = "top_p"
        case seed
        case isRaw = "raw"
        case control
    }

    /// The seed of a rollout: a function of the run's seed and the rollout's index alone, of 53 bits, which every JSON reader reads exactly.
    func seed(ofRollout index: Int) -> UInt64 {
        var random = RandomSource(seed: seed &+ UInt64(truncatingIfNeeded: index) &* 0x9e37_79b9_7f4a_7c15)
        return random.next() >> 11
    }
}
