/// What a request may ask for; each is a key under `limits`.
package struct RequestLimits: Sendable, Equatable {
    /// Size of a body, as received and unpacked, in bytes.
    package var bodyBytes = 4 << 20
    /// Size of an uploaded value function, as received and unpacked, in bytes.
    package var uploadBytes = 256 << 20
    /// Tokens of one prompt; nil: what the context holds.
    package var promptTokens: Int?
    /// Tokens of one answer; nil: what the context holds.
    package var maximumTokens: Int?
    /// Highest temperature.
    package var temperature = 2.0
    /// Most choices.
    package var choices = 16
    /// Most stop strings.
    package var stopStrings = 16
    /// Most alternatives at each token.
    package var logprobs = 20
    /// Most hidden states of one request's answers.
    package var capturedStates = 1024
    /// Most tokens of one request's answers whose control is reported.
    package var tracedTokens = 65_536
    /// Most gradient steps at each token.
    package var steps = 1000
    /// Largest gradient step.
    package var stepSize = 1000.0
    /// Most value functions of one request.
    package var heads = 16

    package init() {}
}
