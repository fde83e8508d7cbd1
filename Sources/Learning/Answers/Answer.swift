import Inference

/// What a model answered, and the states that it answered from.
public struct Answer: Sendable {
    /// The text.
    public var text = ""
    /// The sampled tokens; where the model ended the answer, the end-of-sequence token is the last.
    public var tokens: [Int32] = []
    /// Where states were asked for: the state that each of ``tokens`` was sampled from.
    public var states: [HiddenState] = []
    /// Where log-probabilities were asked for: of each token but an end-of-sequence token.
    public var logprobs: [TokenLogprobs] = []
    /// Why it ended.
    public var finishReason = FinishReason.length
    /// What control did; nil for a plain answer.
    public var control: ControlSummary?
    /// Where no token was to be generated and states were asked for: the state of the prompt's last token.
    public var promptState: HiddenState?

    /// Reads a generation to its end.
    ///
    /// - Throws: `GenerationError`, or `CancellationError` where the task is cancelled.
    public init(_ stream: GenerationStream) async throws {
        for try await event in stream {
            switch event {
            case .promptLogprobs: break
            case .token(let token):
                text += token.text
                tokens.append(token.id)
                if let state = token.state { states.append(state) }
                if let logprobs = token.logprobs { self.logprobs.append(logprobs) }
            case .finished(let summary):
                text += summary.text
                finishReason = summary.finishReason
                control = summary.control
                if let token = summary.endToken {
                    tokens.append(token)
                    if let state = summary.endState { states.append(state) }
                } else {
                    promptState = summary.endState
                }
            }
        }
    }
}
