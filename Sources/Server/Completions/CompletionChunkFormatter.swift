import Inference

/// Writes the chunks of one choice of a streamed completion.
package struct CompletionChunkFormatter: ChoiceFormatter {
    private let format: CompletionFormat
    private let index: Int
    private var capture: CapturedStates?
    private let echo: CompletionEcho?
    private var lists: CompletionLogprobs
    private var promptPosition = 0

    init(format: CompletionFormat, index: Int) {
        self.format = format
        self.index = index
        capture = format.capture
        echo = format.echo(ofChoice: index)
        lists = CompletionLogprobs(tokenizer: format.tokenizer)
    }

    /// With `echo` the whole prompt's text comes first; its log-probabilities follow piece by piece, as they are computed.
    package mutating func opening() -> [UInt8]? {
        guard let echo else { return nil }
        return chunk(text: echo.text)
    }

    package mutating func prompt(_ piece: [TokenLogprobs]) -> [UInt8]? {
        guard format.logprobs, !piece.isEmpty else { return nil }
        for entry in piece {
            lists.addPrompt(entry, isSilent: promptPosition == 0 && echo?.hidesFirstToken == true)
            promptPosition += 1
        }
        return chunk(text: "", hasLogprobs: true)
    }

    package mutating func token(_ token: GeneratedToken) -> [UInt8]? {
        capture?.add(token)
        guard !token.text.isEmpty || format.logprobs || format.trace else { return nil }
        if let entry = token.logprobs { lists.add(entry) }
        return chunk(text: token.text, hasLogprobs: format.logprobs, token: token)
    }

    package mutating func closing(_ summary: GenerationSummary, control: ControlReport?) -> [UInt8] {
        chunk(text: summary.text, finishReason: summary.finishReason.rawValue, control: control)
    }

    private mutating func chunk(
        text: String,
        hasLogprobs: Bool = false,
        token: GeneratedToken? = nil,
        finishReason: String? = nil,
        control: ControlReport? = nil
    ) -> [UInt8] {
        ServerSentEvents.event { writer in
            writer.object { writer in
                format.identity.write(to: &writer, object: CompletionFormat.chunkObject)
                writer.name("choices")
                writer.array { writer in
                    writer.object { writer in
                        writer.member("text", text)
                        writer.member("index", index)
                        writer.name("logprobs")
                        if hasLogprobs { lists.write(to: &writer) } else { writer.null() }
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
