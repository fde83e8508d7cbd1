import ModelFiles

/// A byte-level BPE tokenizer: text to tokens and back. Decoding gives the bytes back, but for those that the vocabulary has no token for: like
/// llama.cpp, encoding leaves them out.
public final class Tokenizer: Sendable {
    /// The token that begins a sequence; nil where the vocabulary has none.
    public let beginningOfSequence: TokenID?
    /// The token that ends a sequence; nil where the vocabulary has none.
    public let endOfSequence: TokenID?
    /// Whether prompts shall begin with ``beginningOfSequence``.
    public let addsBeginningOfSequence: Bool

    private let tokenBytes: [[UInt8]]
    private let kinds: [TokenKind]
    private let endOfGeneration: Set<TokenID>
    private let preTokenizer: PreTokenizer
    private let encoder: BytePairEncoder
    /// Tokens by their bytes, where whole words are looked up before merges; else empty.
    private let wholeWords: [[UInt8]: TokenID]
    /// Texts that are always one token.
    private let userDefined: SpecialTokenMatcher
    /// Those and control tokens.
    private let special: SpecialTokenMatcher

    /// Texts of tokens that end an answer in well-known vocabularies, whatever the file's metadata says.
    private static let endTexts: Set<[UInt8]> = Set(
        [
            "<|im_end|>", "<|endoftext|>", "<|end_of_text|>", "<|eot_id|>", "<|eom_id|>", "<|end|>", "<|return|>", "<|call|>",
            "<end_of_turn>",
            "</s>", "<EOT>", "_<EOT>", "<|EOT|>",
        ].map { Array($0.utf8) }
    )

    /// Takes the tokenizer of a GGUF file.
    ///
    /// - Throws: ``TokenizerError``
    public convenience init(gguf: GGUFFile) throws(TokenizerError) {
        try self.init(Vocabulary(gguf: gguf))
    }

    init(_ vocabulary: Vocabulary) throws(TokenizerError) {
        let alphabet = ByteAlphabet()
        var ids: [[UInt8]: TokenID] = [:]
        ids.reserveCapacity(vocabulary.tokens.count)
        for (id, token) in vocabulary.tokens.enumerated() where ids[token] == nil { ids[token] = TokenID(id) }

        var byteTokens: [TokenID] = []
        for byte in UInt8.min...UInt8.max {
            let id = ids[alphabet.spelling(of: byte)]
            // Real vocabularies lack some control characters (SmolLM2's does); without printable ASCII it is no byte-level one.
            guard id != nil || !(0x20...0x7e).contains(byte) else { throw .missingByte(byte) }
            byteTokens.append(id ?? BytePairEncoder.noToken)
        }
        encoder = BytePairEncoder(byteTokens: byteTokens, merges: Self.merges(vocabulary.merges, ids))

        var (userDefined, special) = (SpecialTokenMatcher(), SpecialTokenMatcher())
        var tokenBytes: [[UInt8]] = []
        tokenBytes.reserveCapacity(vocabulary.tokens.count)
        for (id, token) in vocabulary.tokens.enumerated() {
            let kind = vocabulary.kinds[id]
            let isSpelled = kind == .normal || kind == .unused
            tokenBytes.append(isSpelled ? alphabet.decode(token) ?? token : token)
            if kind == .userDefined { userDefined.insert(token, TokenID(id)) }
            if kind == .userDefined || kind == .control || kind == .unknown { special.insert(token, TokenID(id)) }
        }
        var words: [[UInt8]: TokenID] = [:]
        if vocabulary.preTokenizer.prefersWholeWords {
            for (id, bytes) in tokenBytes.enumerated() where vocabulary.kinds[id] == .normal && words[bytes] == nil {
                words[bytes] = TokenID(id)
            }
        }
        let ends = vocabulary.tokens.indices.filter { vocabulary.kinds[$0] != .normal && Self.endTexts.contains(vocabulary.tokens[$0]) }
        endOfGeneration = Set(ends.map { TokenID($0) } + vocabulary.endOfTurn + [vocabulary.endOfSequence].compactMap { $0 })
        self.tokenBytes = tokenBytes
        self.userDefined = userDefined
        self.special = special
        wholeWords = words
        kinds = vocabulary.kinds
        preTokenizer = vocabulary.preTokenizer
        beginningOfSequence = vocabulary.beginningOfSequence
        endOfSequence = vocabulary.endOfSequence
        addsBeginningOfSequence = vocabulary.addsBeginningOfSequence
    }

    /// Pairs of tokens and what they become. A merge that names a token which is not in the vocabulary can never apply, and is left out.
    private static func merges(_ lines: [[UInt8]], _ ids: [[UInt8]: TokenID]) -> [(TokenID, TokenID, TokenID)] {
        lines.compactMap { line in
            guard let space = line.dropFirst().firstIndex(of: 0x20) else { return nil }
            let (left, right) = (Array(line[..<space]), Array(line[(space + 1)...]))
            guard let first = ids[left], let second = ids[right], let merged = ids[left + right] else { return nil }
            return (first, second, merged)
        }
    }

    /// Bytes that no token stands for; encoding leaves them out.
    public var missingBytes: [UInt8] {
        encoder.missingBytes
    }

    /// The number of tokens.
    public var vocabularySize: Int {
        tokenBytes.count
    }

    /// Whether a token ends an answer: the end of a sequence, or of a turn.
    public func isEndOfGeneration(_ token: TokenID) -> Bool {
        endOfGeneration.contains(token)
    }

    /// Whether a token is structure and not text.
    public func isSpecial(_ token: TokenID) -> Bool {
        guard token >= 0, Int(token) < kinds.count else { return false }
        return kinds[Int(token)] == .control || kinds[Int(token)] == .unknown
    }

    /// The tokens of a text.
    ///
    /// - Parameters:
    ///   - text: the text.
    ///   - parseSpecial: whether the texts of control tokens, such as `<|im_start|>`, become those tokens.
    ///   - addBeginning: whether ``beginningOfSequence`` comes first, if the vocabulary wants that.
    public func encode(_ text: String, parseSpecial: Bool, addBeginning: Bool) -> [TokenID] {
        encode(Array(text.utf8), parseSpecial: parseSpecial, addBeginning: addBeginning)
    }

    /// The tokens of bytes, which need not be valid UTF-8.
    public func encode(_ bytes: [UInt8], parseSpecial: Bool, addBeginning: Bool) -> [TokenID] {
        var tokens: [TokenID] = []
        if addBeginning, addsBeginningOfSequence, let beginningOfSequence { tokens.append(beginningOfSequence) }
        let matcher = parseSpecial ? special : userDefined
        var start = 0
        if !matcher.isEmpty {
            var index = 0
            while index < bytes.count {
                guard let (token, end) = matcher.match(bytes, at: index) else {
                    index += 1
                    continue
                }
                encodeWords(bytes[start..<index], into: &tokens)
                tokens.append(token)
                index = end
                start = end
            }
        }
        encodeWords(bytes[start...], into: &tokens)
        return tokens
    }

    private func encodeWords(_ bytes: ArraySlice<UInt8>, into tokens: inout [TokenID]) {
        guard !bytes.isEmpty else { return }
        let text = ScalarText(bytes)
        preTokenizer.split(text) { range in
            let word = bytes[text.offsets[range.lowerBound]..<text.offsets[range.upperBound]]
            if !wholeWords.isEmpty, let token = wholeWords[Array(word)] {
                tokens.append(token)
            } else {
                encoder.encode(word, into: &tokens)
            }
        }
    }

    /// The bytes that a token stands for; a special token gives its name. None for a number outside the vocabulary.
    public func bytes(of token: TokenID) -> [UInt8] {
        guard token >= 0, Int(token) < tokenBytes.count else { return [] }
        return tokenBytes[Int(token)]
    }

    /// The text of tokens. Bytes that are not valid UTF-8 become U+FFFD.
    public func decode(_ tokens: [TokenID], skipSpecial: Bool) -> String {
        String(decoding: tokens.flatMap { skipSpecial && isSpecial($0) ? [] : bytes(of: $0) }, as: UTF8.self)
    }

    /// How log-probabilities name a token: its text or, where that is not valid UTF-8 by itself, its bytes as OpenAI writes them, `bytes:\xe2\x80`.
    public func tokenText(_ token: TokenID) -> String {
        let bytes = bytes(of: token)
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        return "bytes:" + bytes.map { "\\x" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
