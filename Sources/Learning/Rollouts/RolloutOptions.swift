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

    /// The seed of a rollout: a function of the run's seed and the rollout's index alone (SplitMix64, Steele et al., OOPSLA 2014).
    func seed(ofRollout index: Int) -> UInt64 {
        var z = seed &+ UInt64(truncatingIfNeeded: index) &* 0x9E37_79B9_7F4A_7C15
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        // What a JSON reader that knows only doubles still reads exactly.
        return (z ^ (z >> 31)) >> 11
    }
}
