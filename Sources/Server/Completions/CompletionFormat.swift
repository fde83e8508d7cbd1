import Inference
import Tokenizers

/// Writes answers of `/v1/completions`.
package struct CompletionFormat: AnswerFormat {
    package static let answerObject = "text_completion"
    package static let chunkObject = "text_completion"
    package let identity: AnswerIdentity
    package let tokenizer: Tokenizer
    /// Whether tokens' log-probabilities are reported.
    package let logprobs: Bool
    /// Whether tokens' control is reported.
    package let trace: Bool
    /// Empty, for the hidden states that a choice reports; nil where none are asked for.
    package let capture: CapturedStates?
    /// For each prompt, the text that stands before its continuations; nil without `echo`.
    package let echoes: [CompletionEcho]?
    /// Answers to each prompt.
    package let choicesPerPrompt: Int

    package init(
        identity: AnswerIdentity,
        tokenizer: Tokenizer,
        logprobs: Bool,
        trace: Bool,
        capture: CapturedStates?,
        echoes: [CompletionEcho]?,
        choicesPerPrompt: Int
    ) {
        self.identity = identity
        self.tokenizer = tokenizer
        self.logprobs = logprobs
        self.trace = trace
        self.capture = capture
        self.echoes = echoes
        self.choicesPerPrompt = choicesPerPrompt
    }

    /// What stands before the choice of that index; nil without `echo`.
    func echo(ofChoice index: Int) -> CompletionEcho? {
        echoes?[index / choicesPerPrompt]
    }

    package func formatter(index: Int) -> CompletionChunkFormatter {
        CompletionChunkFormatter(format: self, index: index)
    }

    package func write(_ choice: ChoiceResult, to writer: inout JSONWriter) {
        let echo = echo(ofChoice: choice.index)
        writer.object { writer in
            writer.member("text", (echo?.text ?? "") + choice.text)
            writer.member("index", choice.index)
            writer.name("logprobs")
            if logprobs {
                var lists = CompletionLogprobs(tokenizer: tokenizer)
                for (position, entry) in choice.promptLogprobs.enumerated() {
                    lists.addPrompt(entry, isSilent: position == 0 && echo?.hidesFirstToken == true)
                }
                for case let entry? in choice.tokens.map(\.logprobs) { lists.add(entry) }
                lists.write(to: &writer)
            } else {
                writer.null()
            }
            writer.member("finish_reason", choice.summary.finishReason.rawValue)
            if trace { ControlTrace.write(choice.tokens, tokenizer: tokenizer, to: &writer) }
            if var capture {
                for token in choice.tokens { capture.add(token) }
                capture.write(to: &writer)
            }
        }
    }
}
