import Inference

/// The sequences of one request, submitted and running.
package struct GenerationJob: Sendable {
    /// One stream for each choice.
    package var streams: [MeteredStream]
    /// The value functions that steer; empty without control.
    package var heads: [(name: String, version: Int, weight: Float)]
    /// Tokens of all prompts; a prompt counts once, however many choices it has.
    package var promptTokens: Int
    /// How many choices each prompt has; they follow one another in ``streams``.
    package var choices: Int
    /// How many of each prompt's choices are returned, the likeliest; nil for all.
    package var keptChoices: Int?
    /// Whether a stream ends with a chunk of token counts.
    package var includeUsage: Bool
    /// Told of answers; nil: they are in no log.
    package var texts: TextLog?

    /// An empty report for the job's value functions; nil without control.
    package var report: ControlReport? {
        heads.isEmpty ? nil : ControlReport(heads: heads)
    }

    /// The choices to return of those that ended, in the order of ``streams``: of each prompt the ones whose tokens have the highest mean
    /// log-probability, best first.
    package func kept(_ results: [ChoiceResult]) -> [ChoiceResult] {
        guard let keptChoices else { return results }
        var kept: [ChoiceResult] = []
        for start in stride(from: 0, to: results.count, by: choices) {
            let candidates = results[start..<min(start + choices, results.count)].sorted { first, second in
                (first.meanLogprob, second.index) > (second.meanLogprob, first.index)
            }
            for var candidate in candidates.prefix(keptChoices) {
                candidate.index = kept.count
                kept.append(candidate)
            }
        }
        return kept
    }

    /// The token counts, from how each choice ended, in the order of ``streams``. Of a prompt's choices, the one that had to compute most of
    /// it tells how much was cached before the request.
    package func usage(_ summaries: [GenerationSummary]) -> Usage {
        var usage = Usage(promptTokens: promptTokens)
        for (index, summary) in summaries.enumerated() {
            usage.completionTokens += summary.completionTokens
            guard index % choices == 0 else { continue }
            usage.cachedTokens += summaries[index...].prefix(choices).map(\.cachedPromptTokens).min() ?? 0
        }
        return usage
    }
}
