import Inference

/// Writes the chunks of one choice of a streamed chat: the first carries the role, the last the finish reason.
package struct ChatChunkFormatter: ChoiceFormatter {
    private let format: ChatFormat
    private let index: Int
    private var capture: CapturedStates?

    init(format: ChatFormat, index: Int) {
        self.format = format
        self.index = index
        capture = format.capture
    }

    package mutating func opening() -> [UInt8]? {
        chunk { writer in
            writer.member("role", "assistant")
            writer.member("content", "")
        }
    }

    package mutating func prompt(_ piece: [TokenLogprobs]) -> [UInt8]? {
        nil
    }

    package mutating func token(_ token: GeneratedToken) -> [UInt8]? {
        capture?.add(token)
        guard !token.text.isEmpty || format.logprobs || format.trace else { return nil }
        return chunk(token: token) { writer in writer.member("content", token.text) }
    }

    package mutating func closing(_ summary: GenerationSummary, control: ControlReport?) -> [UInt8] {
        chunk(finishReason: summary.finishReason.rawValue, control: control) { writer in
            if !summary.text.isEmpty { writer.member("content", summary.text) }
        }
    }

    private func chunk(
        token: GeneratedToken? = nil,
        finishReason: String? = nil,
        control: ControlReport? = nil,
        delta: (inout JSONWriter) -> Void
    ) -> [UInt8] {
        ServerSentEvents.event { writer in
            writer.object { writer in
                format.identity.write(to: &writer, object: ChatFormat.chunkObject)
                writer.name("choices")
                writer.array { writer in
                    writer.object { writer in
                        writer.member("index", index)
                        writer.name("delta")
                        writer.object(delta)
                        writer.name("logprobs")
                        if let token { format.write(logprobs: [token], to: &writer) } else { writer.null() }
                        writer.member("finish_reason", optional: finishReason)
                        if format.trace, let token { ControlTrace.write([token], tokenizer: format.tokenizer, to: &writer) }
                        if finishReason != nil { capture?.write(to: &writer) }
                    }
                }
                if let control {
                    writer.name("control")
                    control.write(to: &writer)
                }
            }
        }
    }
}
