import Inference
import Tokenizers

/// Writes a choice's `control_trace`: what steering did at each token.
package enum ControlTrace {
    /// Writes the member; tokens that were not controlled have no entry.
    package static func write(_ tokens: [GeneratedToken], tokenizer: Tokenizer, to writer: inout JSONWriter) {
        writer.name("control_trace")
        writer.array { writer in
            for token in tokens {
                guard let control = token.control else { continue }
                writer.object { writer in
                    writer.member("token", tokenizer.tokenText(token.id))
                    writer.member("value_before", control.valueBefore)
                    writer.member("value_after", control.valueAfter)
                    writer.member("norm", control.norm)
                    writer.member("kl", optional: control.kl)
                }
            }
        }
    }
}
