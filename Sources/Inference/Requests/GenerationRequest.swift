import Control

/// What one sequence shall do: continue a prompt, sampled and steered in some way, until something ends it.
public struct GenerationRequest: Sendable {
    /// The prompt's token ids, at least one.
    public var prompt: [Int32]
    /// How many tokens to generate at most; 0 only computes the prompt.
    public var maximumTokens: Int
    /// How tokens are chosen.
    public var sampling = SamplingParameters()
    /// What the text may be; nil for any. With it an end-of-sequence token ends the generation in any case.
    public var constraint: OutputConstraint?
    /// Texts that end the generation; they and what follows them are not emitted. Compared byte by byte.
    public var stop: [String] = []
    /// How many alternatives to report for each generated token; nil for no log-probabilities.
    public var logprobs: Int?
    /// How many alternatives to report for each token of the prompt; nil for no log-probabilities of the prompt.
    public var promptLogprobs: Int?
    /// What steers the sequence; nil for plain generation. The controller holds on to the versions of its heads.
    public var control: Controller?
    /// Whether the hidden state that each token was sampled from is reported with it.
    public var reportsStates = false
    /// Where in the model reported states are taken.
    public var stateSite = HiddenStateSite.finalNorm
    /// The generated tokens, counted from 0, whose states are reported where not all are; nil for none.
    public var capturedTokens: Range<Int>?
    /// How the prompt's states are pooled into one that the summary reports; nil for none.
    public var pooling: StatePooling?
    /// Whether end-of-sequence tokens are tokens like any other.
    public var ignoresEndOfSequence = false

    /// A plain request.
    public init(prompt: [Int32], maximumTokens: Int) {
        self.prompt = prompt
        self.maximumTokens = maximumTokens
    }
}
