import Inference
import Tokenizers

/// What became of one line.
package struct EvaluationResult: Sendable {
    /// How it ended.
    package enum Outcome: Sendable {
        /// With an answer and, where that was asked for, one without control.
        case answered(EvaluationAnswer, base: EvaluationAnswer?, trace: Tokenizer?)
        /// With an error.
        case failed(APIError)
    }

    /// The line's `id` as it came; null where it has none, or could not be read.
    package let id: JSONValue
    /// Which line it is, counted from 1.
    package let line: Int
    package let outcome: Outcome

    /// The line to send.
    package var bytes: [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.name("id")
            writer.value(id)
            writer.member("line", line)
            switch outcome {
            case .failed(let error): error.writeMember(to: &writer)
            case .answered(let answer, let base, let trace):
                answer.write(to: &writer)
                writer.name("control")
                if let control = answer.control { control.write(to: &writer) } else { writer.null() }
                if let trace { ControlTrace.write(answer.choice.tokens, tokenizer: trace, to: &writer) }
                writer.name("base")
                guard let base else { return writer.null() }
                writer.object { writer in
                    base.write(to: &writer)
                    writer.member("value", optional: base.value)
                }
            }
        }
        writer.append("\n")
        return writer.bytes
    }
}
