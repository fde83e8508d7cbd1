import Inference

/// One finished choice of an answer that is not streamed.
package struct ChoiceResult: Sendable {
    package var index: Int
    package var text = ""
    package var promptLogprobs: [TokenLogprobs] = []
    package var tokens: [GeneratedToken] = []
    package var summary: GenerationSummary
}
