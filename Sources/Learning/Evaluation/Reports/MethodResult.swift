/// How a method, at some strength, did on the prompts.
public struct MethodResult: Sendable, Codable {
    /// The method.
    public let method: EvaluationMethod
    /// Its strength, where it has one: a multiple of the head's, or the length of a static edit as a part of a state's.
    public let strength: Float?
    /// Every prompt's number of every judge, by the judge's name.
    public let scores: [String: [Double]]
    /// Every answer's diversity.
    public let diversity: [Double]
    /// Every answer's mean KL, where it was measured.
    public let kl: [Double]
    /// Every answer's mean |u| / |h|, where there was control.
    public let norm: [Double]
    /// Tokens of all answers.
    public let tokens: Int
    /// Time that they took, whatever else the method did for them included.
    public let seconds: Double

    /// Tokens of answers per second.
    public var tokensPerSecond: Double {
        seconds > 0 ? Double(tokens) / seconds : 0
    }

    private enum CodingKeys: String, CodingKey {
        case method, strength, scores, diversity, kl, norm, tokens, seconds
    }
}
