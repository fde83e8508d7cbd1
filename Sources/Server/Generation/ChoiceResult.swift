import Inference

/// One finished choice of an answer that is not streamed.
package struct ChoiceResult: Sendable {
    package var index: Int
    package var text = ""
    package var promptLogprobs: [TokenLogprobs] = []
    package var tokens: [GeneratedToken] = []
    package var summary: GenerationSummary

    /// Reads a choice's stream to its end.
    ///
    /// - Throws: `GenerationError`, or `CancellationError` where the client is gone.
    package static func collect(_ stream: MeteredStream, index: Int) async throws -> ChoiceResult {
        var text = ""
        var promptLogprobs: [TokenLogprobs] = []
        var tokens: [GeneratedToken] = []
        for try await event in stream {
            switch event {
            case .promptLogprobs(let piece): promptLogprobs += piece
            case .token(let token):
                text += token.text
                tokens.append(token)
            case .finished(let summary):
                return ChoiceResult(
                    index: index,
                    text: text + summary.text,
                    promptLogprobs: promptLogprobs,
                    tokens: tokens,
                    summary: summary
                )
            }
        }
        throw CancellationError()
    }

    /// The mean log-probability of its tokens, where they were reported; that of no tokens is below all others.
    package var meanLogprob: Float {
        let logprobs = tokens.compactMap(\.logprobs?.logprob)
        return logprobs.isEmpty ? -.infinity : logprobs.reduce(0, +) / Float(logprobs.count)
    }
}
