import Inference

/// The sequences of one request, submitted and running.
package struct GenerationJob: Sendable {
    /// One stream for each choice.
    package var streams: [GenerationStream]
    /// The value functions that steer; empty without control.
    package var heads: [(name: String, version: Int, weight: Float)]
    /// Tokens of all prompts; a prompt counts once, however many choices it has.
    package var promptTokens: Int
    /// Whether a stream ends with a chunk of token counts.
    package var includeUsage: Bool

    /// An empty report for the job's value functions; nil without control.
    package var report: ControlReport? {
        heads.isEmpty ? nil : ControlReport(heads: heads)
    }
}
