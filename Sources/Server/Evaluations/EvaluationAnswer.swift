import Inference

/// An answer to a line, one of one or two.
package struct EvaluationAnswer: Sendable {
    package let choice: ChoiceResult
    package let usage: Usage
    /// What steering did; nil without control.
    package let control: ControlReport?

    /// The mean value of the states as the model gave them, before control moved them; nil without control.
    package var value: Float? {
        choice.summary.control.flatMap { $0.tokens > 0 ? $0.valueBefore : nil }
    }

    /// Writes the members `text`, `finish_reason` and `usage`.
    package func write(to writer: inout JSONWriter) {
        writer.member("text", choice.text)
        writer.member("finish_reason", choice.summary.finishReason.rawValue)
        writer.name("usage")
        usage.write(to: &writer)
    }
}
