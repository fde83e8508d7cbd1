import Inference
import Tokenizers

/// OpenAI's layout of a completion's log-probabilities: four lists side by side.
///
/// `text_offset` counts Unicode scalars from the start of the choice's `text`, as Python indexes strings. A token that begins within a
/// character has that character's offset.
package struct CompletionLogprobs: Sendable {
    private let tokenizer: Tokenizer
    private var decoder: StreamingDecoder
    /// Scalars of the text so far.
    private var offset = 0
    private var tokens: [TokenLogprobs] = []
    private var offsets: [Int] = []

    /// - Parameters:
    ///   - tokenizer: The model's tokenizer.
    ///   - skipSpecial: Whether special tokens leave no text.
    package init(tokenizer: Tokenizer) {
        self.tokenizer = tokenizer
        decoder = StreamingDecoder(tokenizer: tokenizer, skipSpecial: false)
    }

    /// Takes in one token of the prompt. `isSilent`: the token has no part in the text, as a beginning-of-sequence token that was added.
    package mutating func addPrompt(_ entry: TokenLogprobs, isSilent: Bool) {
        tokens.append(entry)
        offsets.append(offset)
        if !isSilent { offset += decoder.append(entry.token).unicodeScalars.count }
    }

    /// Takes in a generated token. Special tokens leave no text in an answer.
    package mutating func add(_ entry: TokenLogprobs) {
        tokens.append(entry)
        offsets.append(offset)
        if !tokenizer.isSpecial(entry.token) { offset += decoder.append(entry.token).unicodeScalars.count }
    }

    /// Writes what was taken in since the last call, as the `logprobs` object.
    package mutating func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.name("tokens")
            writer.array { writer in
                for entry in tokens { writer.value(tokenizer.tokenText(entry.token)) }
            }
            writer.name("token_logprobs")
            writer.array { writer in
                for entry in tokens {
                    if let logprob = entry.logprob { writer.value(logprob) } else { writer.null() }
                }
            }
            writer.name("top_logprobs")
            writer.array { writer in
                for entry in tokens { writeTop(entry, to: &writer) }
            }
            writer.name("text_offset")
            writer.array { writer in
                for offset in offsets { writer.value(offset) }
            }
        }
        tokens.removeAll(keepingCapacity: true)
        offsets.removeAll(keepingCapacity: true)
    }

    /// The alternatives and the token itself, by text. Of tokens with the same text the likelier one is told; the token itself always is.
    private func writeTop(_ entry: TokenLogprobs, to writer: inout JSONWriter) {
        guard let logprob = entry.logprob else { return writer.null() }
        writer.object { writer in
            let own = JSONKey(tokenizer.tokenText(entry.token))
            var written: Set<JSONKey> = []
            for alternative in entry.top {
                let name = alternative.token == entry.token ? own : JSONKey(tokenizer.tokenText(alternative.token))
                guard alternative.token == entry.token || name != own, written.insert(name).inserted else { continue }
                writer.member(name.text, alternative.logprob)
            }
            if !written.contains(own) { writer.member(own.text, logprob) }
        }
    }
}
