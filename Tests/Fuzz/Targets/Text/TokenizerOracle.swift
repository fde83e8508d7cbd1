import Tokenizers

/// What must hold of every tokenizer that is accepted.
enum TokenizerOracle {
    private static let texts = [
        "", "Hello, world! It's 12345 o'clock.\r\n\n  \tx", "naïve İ 日本語 🏳️‍🌈 e\u{301}\u{0}", " <s> </s> <|im_start|>a<|im_end|> ▁▁",
    ]

    /// Encodes some texts, and `more`, and decodes the tokens.
    ///
    /// - Parameter isLossless: whether the tokens' bytes must be the text's, where every byte has a token.
    static func check(_ tokenizer: Tokenizer, more: [UInt8] = [], isLossless: Bool = false) {
        let size = tokenizer.vocabularySize
        for text in texts.map({ Array($0.utf8) }) + [more] {
            for parsesSpecial in [false, true] {
                let tokens = tokenizer.encode(text, parseSpecial: parsesSpecial, addBeginning: true)
                Oracle.expect(tokens.allSatisfy { $0 >= 0 && $0 < size }, "tokens are in the vocabulary")
                let decoded = tokenizer.decode(tokens, skipSpecial: true)
                var (streaming, streamed) = (StreamingDecoder(tokenizer: tokenizer, skipSpecial: true), "")
                for token in tokens { streamed += streaming.append(token) }
                streamed += streaming.finish()
                // Streaming does not take away the space that encoding put in front.
                Oracle.expect(streamed.utf8.count >= decoded.utf8.count, "streamed text is no shorter than decoded text")
            }
            guard isLossless, tokenizer.missingBytes.isEmpty else { continue }
            let tokens = tokenizer.encode(text, parseSpecial: false, addBeginning: false)
            Oracle.expect(tokens.flatMap { tokenizer.bytes(of: $0) } == text, "tokens have the text's bytes")
        }
        for token in [-1, 0, TokenIDs.last(size), Int32.max] {
            _ = tokenizer.tokenText(token)
            _ = tokenizer.isEndOfGeneration(token)
        }
    }

    private enum TokenIDs {
        static func last(_ size: Int) -> Int32 { Int32(clamping: size - 1) }
    }
}
