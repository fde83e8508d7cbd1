/// The parts of a vocabulary that refer to others, checked.
struct CheckedVocabulary {
    let kinds: [TokenKind]
    let beginningOfSequence: TokenID?
    let endOfSequence: TokenID?
    let endsOfTurn: [TokenID]

    init(_ vocabulary: TokenizerVocabulary) throws(TokenizerError) {
        let count = vocabulary.tokens.count
        guard count <= Int(Int32.max) else { throw .tooManyTokens(count) }
        guard vocabulary.kinds.isEmpty || vocabulary.kinds.count == count else {
            throw .countMismatch(key: "tokenizer.ggml.token_type", found: vocabulary.kinds.count, expected: count)
        }
        func token(_ key: String, _ id: Int?) throws(TokenizerError) -> TokenID? {
            guard let id else { return nil }
            guard (0..<count).contains(id) else { throw .tokenOutOfRange(key: key, id: id, vocabularySize: count) }
            return TokenID(id)
        }
        beginningOfSequence = try token("tokenizer.ggml.bos_token_id", vocabulary.beginningOfSequence)
        endOfSequence = try token("tokenizer.ggml.eos_token_id", vocabulary.endOfSequence)
        var ends: [TokenID] = []
        for (key, id) in vocabulary.endsOfTurn { if let end = try token(key, id) { ends.append(end) } }
        endsOfTurn = ends
        kinds = vocabulary.kinds.isEmpty ? [TokenKind](repeating: .normal, count: count) : vocabulary.kinds
    }

    /// The byte that a token of kind ``TokenKind/byte`` stands for, written `<0x0A>`.
    static func byte(_ token: [UInt8]) -> UInt8? {
        guard token.count == 6 else { return nil }
        let text = String(decoding: token, as: UTF8.self)
        guard text.hasPrefix("<0x"), text.hasSuffix(">") else { return nil }
        return UInt8(text.dropFirst(3).dropLast(), radix: 16)
    }
}
