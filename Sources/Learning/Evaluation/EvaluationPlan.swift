import Control

/// What is compared, and how.
public struct EvaluationPlan: Sendable {
    /// The methods; `base` is always among them.
    public var methods: [EvaluationMethod]
    /// How answers are made.
    public var answers = AnswerSettings()
    /// The system prompt of `prompt`.
    public var systemPrompt = "You are a helpful assistant."
    /// The vector of `static`; nil where that is not compared.
    public var staticEdit: StaticEdit?
    /// Answers that `best-of-n` samples.
    public var bestOf = 4
    /// At which temperature.
    public var bestOfTemperature: Float = 1
    /// Tokens that `controlled-decoding` tries.
    public var candidates = 8
    /// What it multiplies values by.
    public var decodingWeight: Float = 2
    /// Multiples of the head's strength that `re-control` is tried at; empty for none.
    public var sweep: [Float] = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 2]
    /// Lengths of the static edit that are tried, as parts of a state's.
    public var staticSweep: [Float] = [0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4]

    /// Compares methods with the defaults.
    public init(methods: [EvaluationMethod]) {
        self.methods = [.base] + methods.filter { $0 != .base }
    }

    /// All that decides what answers are like, in one text: answers of another identity are of another evaluation.
    func identity(
        prompts: [Prompt],
        head: NamedHead,
        settings: ControlSettings,
        reward: any RewardSource,
        modelSHA256: String
    ) throws -> String {
        struct Identity: Encodable {
            let prompts: [Prompt]
            let answers: AnswerSettings
            let words: [String]
        }
        let words =
            [modelSHA256, head.name, head.valueFunction.identity, "\(settings)", systemPrompt]
            + ["\(staticEdit?.direction ?? [])", "\(bestOf) \(bestOfTemperature) \(candidates) \(decodingWeight)"]
            // Best of n picks by it.
            + (methods.contains(.bestOf) ? [reward.identity] : [])
        let line = try JSONLines.line(Identity(prompts: prompts, answers: answers, words: words))
        return try Fingerprint.of(line)
    }
}
