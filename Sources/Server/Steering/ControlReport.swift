import Inference

/// What an answer says of its steering: the `control` object of a response, means over the controlled tokens.
package struct ControlReport: Sendable {
    /// The value functions that steered, with the versions that were used.
    package var heads: [(name: String, version: Int, weight: Float)]
    /// How many tokens' states were steered.
    package private(set) var tokens = 0
    private var valueBefore = 0.0
    private var valueAfter = 0.0
    private var norm = 0.0
    private var divergence: Double?
    private var seconds = 0.0

    package init(heads: [(name: String, version: Int, weight: Float)]) {
        self.heads = heads
    }

    /// Takes in what one sequence reports.
    package mutating func add(_ summary: ControlSummary) {
        let count = Double(summary.tokens)
        tokens += summary.tokens
        valueBefore += Double(summary.valueBefore) * count
        valueAfter += Double(summary.valueAfter) * count
        norm += Double(summary.norm) * count
        if let kl = summary.kl { divergence = (divergence ?? 0) + Double(kl) * count }
        seconds += summary.seconds
    }

    private func mean(_ sum: Double) -> Float? {
        tokens > 0 ? Float(sum / Double(tokens)) : nil
    }

    /// Writes the object. `head` and `version` are null for a mixture, whose members `heads` lists.
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.name("heads")
            writer.array { writer in
                for head in heads {
                    writer.object { writer in
                        writer.member("name", head.name)
                        writer.member("version", head.version)
                        writer.member("weight", head.weight)
                    }
                }
            }
            writer.member("head", optional: heads.count == 1 ? heads[0].name : nil)
            writer.member("version", optional: heads.count == 1 ? heads[0].version : nil)
            writeMeans(to: &writer)
        }
    }

    /// Writes the members that tell how much was steered, and what that did.
    package func writeMeans(to writer: inout JSONWriter) {
        writer.member("tokens", tokens)
        writer.member("value_before", optional: mean(valueBefore))
        writer.member("value_after", optional: mean(valueAfter))
        writer.member("norm", optional: mean(norm))
        writer.member("kl", optional: divergence.flatMap { mean($0) })
        writer.member("seconds", seconds)
    }
}
