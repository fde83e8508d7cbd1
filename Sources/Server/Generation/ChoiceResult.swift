import Inference

/// One finished choice of an answer that is not streamed.
package struct ChoiceResult: Sendable {
    package var index: Int
    package var text = ""
    package var promptLogprobs: [TokenLogprobs] = []
    package var tokens: [GeneratedToken] = []
    package var summary: GenerationSummary

    /// The mean log-probability of its tokens, where they were reported; that of no tokens is 0.
    package var meanLogprob: Float {
        let logprobs = tokens.compactMap(\.logprobs?.logprob)
        return logprobs.isEmpty ? 0 : logprobs.reduce(0, +) / Float(logprobs.count)
    }
}
