/// Tokens that end an answer in well-known vocabularies, whatever a file's metadata says.
enum EndOfGeneration {
    private static let texts: [String] = [
        "<|im_end|>", "<|endoftext|>", "<|end_of_text|>", "<|eot_id|>", "<|eom_id|>", "<|end|>", "<|return|>", "<|call|>", "<|calls|>",
        "<|flush|>", "<end_of_turn>", "<turn|>", "<|tool_response>", "<end_of_utterance>", "<｜end▁of▁sentence｜>", "<eos>", "</s>", "<EOT>",
        "_<EOT>", "<|EOT|>", "[EOT]", "[EOS]", "[e~[",
    ]

    /// The tokens of those texts that are not plain text.
    static func tokens(_ index: ByteStringIndex, _ kinds: [TokenKind]) -> [TokenID] {
        texts.compactMap { text in
            let bytes = Array(text.utf8)
            guard let token = index.find(bytes, 0..<bytes.count), kinds[Int(token)] != .normal else { return nil }
            return token
        }
    }
}
