import Inference

/// What completions and chats have in common, decoded from a request.
package struct GenerationOptions: Sendable {
    /// The model's id.
    package var model: String
    /// Most tokens to generate; nil where the request does not say.
    package var maximumTokens: Int?
    /// The field that says so, for errors.
    package var tokenCountField = "max_tokens"
    package var sampling: SamplingParameters
    /// Texts that end a generation and are not part of it.
    package var stop: [String]
    /// Answers to each prompt.
    package var choices: Int
    /// Whether the answer comes as server-sent events.
    package var stream: Bool
    /// Whether a stream ends with a chunk of token counts.
    package var includeUsage: Bool
    /// Whether end-of-sequence tokens are passed over.
    package var ignoreEndOfSequence: Bool
    package var control: ControlRequest?
    /// What the text of an answer may be.
    package var format: ResponseFormat
    /// The `capture` object, to be decoded once the number of answers is known.
    package var capture: JSONFields?
}
