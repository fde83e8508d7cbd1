/// How the next token is chosen from the logits.
public struct SamplingParameters: Sendable, Equatable {
    /// Divides the logits, 0 to 2; 0 always takes the likeliest token.
    public var temperature: Float = 1
    /// Keep the likeliest tokens that together have this probability, above 0 and at most 1.
    public var topP: Float = 1
    /// Keep this many of the likeliest tokens, 1 or more; nil for all.
    public var topK: Int?
    /// Keep tokens at least this times as probable as the likeliest, 0 to 1.
    public var minP: Float = 0
    /// Makes the choice repeatable; nil draws a seed.
    public var seed: UInt64?
    /// Divides positive and multiplies negative logits of tokens that occurred, the prompt's among them (CTRL, arXiv:1909.05858); above 0, 1 is off.
    public var repetitionPenalty: Float = 1
    /// Subtracted from the logits of tokens that were generated, -2 to 2.
    public var presencePenalty: Float = 0
    /// Subtracted for every time that a token was generated, -2 to 2.
    public var frequencyPenalty: Float = 0
    /// Added to the logits of these tokens, -100 to 100.
    public var logitBias: [Int32: Float] = [:]

    /// The defaults: the model's own distribution.
    public init() {}

    /// Checks every range.
    ///
    /// - Throws: ``SamplingParametersError`` that names the field.
    public func validate() throws(SamplingParametersError) {
        func check(_ isGood: Bool, _ field: String, _ expected: String) throws(SamplingParametersError) {
            if !isGood { throw SamplingParametersError(field: field, expected: expected) }
        }
        try check((0...2).contains(temperature), "temperature", "a number from 0 to 2")
        try check(topP > 0 && topP <= 1, "top_p", "a number above 0 and at most 1")
        try check((topK ?? 1) >= 1, "top_k", "a whole number of 1 or more")
        try check((0...1).contains(minP), "min_p", "a number from 0 to 1")
        try check(repetitionPenalty > 0 && repetitionPenalty.isFinite, "repetition_penalty", "a finite number above 0")
        try check((-2...2).contains(presencePenalty), "presence_penalty", "a number from -2 to 2")
        try check((-2...2).contains(frequencyPenalty), "frequency_penalty", "a number from -2 to 2")
        try check(logitBias.values.allSatisfy { (-100...100).contains($0) }, "logit_bias", "numbers from -100 to 100")
    }
}
