import Inference

/// How answers that are compared are made, whatever the method.
public struct AnswerSettings: Sendable, Codable, Equatable {
    /// Most tokens of an answer.
    public var maximumTokens = 64
    /// Sampling temperature; 0 always takes the likeliest token.
    public var temperature: Float = 0
    /// What everything random comes from.
    public var seed: UInt64 = 0
    /// Whether prompts are continued without the model's chat template.
    public var isRaw = false

    /// The defaults.
    public init() {}

    /// The request for the answer to a prompt.
    func request(prompt: [Int32], place: Int) -> GenerationRequest {
        var request = GenerationRequest(prompt: prompt, maximumTokens: maximumTokens)
        request.sampling.temperature = temperature
        request.sampling.seed = seed &+ UInt64(truncatingIfNeeded: place)
        return request
    }
}
