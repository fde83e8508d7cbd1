import Inference
import Tokenizers

/// Writes answers of `/v1/chat/completions`.
package struct ChatFormat: AnswerFormat {
    package static let answerObject = "chat.completion"
    package static let chunkObject = "chat.completion.chunk"
    package let identity: AnswerIdentity
    package let tokenizer: Tokenizer
    /// Whether tokens' log-probabilities are reported.
    package let logprobs: Bool
    /// Whether tokens' control is reported.
    package let trace: Bool
    /// Empty, for the hidden states that a choice reports; nil where none are asked for.
    package let capture: CapturedStates?

    package init(identity: AnswerIdentity, tokenizer: Tokenizer, logprobs: Bool, trace: Bool, capture: CapturedStates?) {
        self.identity = identity
        self.tokenizer = tokenizer
        self.logprobs = logprobs
        self.trace = trace
        self.capture = capture
    }

    package func formatter(index: Int) -> ChatChunkFormatter {
        ChatChunkFormatter(format: self, index: index)
    }

    package func write(_ choice: ChoiceResult, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("index", choice.index)
            writer.name("message")
            writer.object { writer in
                writer.member("role", "assistant")
                writer.member("content", choice.text)
                writer.member("refusal", optional: String?.none)
            }
            writer.name("logprobs")
            write(logprobs: choice.tokens, to: &writer)
            writer.member("finish_reason", choice.summary.finishReason.rawValue)
            if trace { ControlTrace.write(choice.tokens, tokenizer: tokenizer, to: &writer) }
            if var capture {
                for token in choice.tokens { capture.add(token) }
                capture.write(to: &writer)
            }
        }
    }

    /// Writes `{"content": […]}`, or null where log-probabilities are not asked for.
    func write(logprobs tokens: [GeneratedToken], to writer: inout JSONWriter) {
        guard logprobs else { return writer.null() }
        writer.object { writer in
            writer.name("content")
            writer.array { writer in
                for case let entry? in tokens.map(\.logprobs) {
                    writer.object { writer in
                        write(token: entry.token, logprob: entry.logprob, to: &writer)
                        writer.name("top_logprobs")
                        writer.array { writer in
                            for alternative in entry.top {
                                writer.object { write(token: alternative.token, logprob: alternative.logprob, to: &$0) }
                            }
                        }
                    }
                }
            }
            writer.member("refusal", optional: String?.none)
        }
    }

    private func write(token: TokenID, logprob: Float?, to writer: inout JSONWriter) {
        writer.member("token", tokenizer.tokenText(token))
        writer.member("logprob", optional: logprob)
        writer.name("bytes")
        writer.value(tokenizer.bytes(of: token))
    }
}
