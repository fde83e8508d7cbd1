import ModelFiles

/// A byte-level BPE tokenizer: text to tokens and back. Decoding gives the bytes back, but for those that the vocabulary has no token for: like
/// other byte-level tokenizers, encoding leaves them out (``missingBytes``).
///
/// Of tokens that a file spells alike the first is used for encoding. Merges that name a token which is not in the vocabulary never apply.
public final class Tokenizer: Sendable {
    /// The token that begins a sequence; nil where the vocabulary has none.
    public let beginningOfSequence: TokenID?
    /// The token that ends a sequence; nil where the vocabulary has none.
    public let endOfSequence: TokenID?
    /// Whether prompts shall begin with ``beginningOfSequence``.
    public let addsBeginningOfSequence: Bool

    /// What each token decodes to.
    private let texts: ByteStrings
    private let kinds: [TokenKind]
    private let endOfGeneration: Set<TokenID>
    private let preTokenizer: PreTokenizer
    private let classes = ScalarClassTable()
    private let encoder: BytePairEncoder
    /// Tokens by their bytes, where whole words are looked up before merges.
    private let wholeWords: ByteStringIndex?
    /// Texts that are always one token.
    private let userDefined: SpecialTokenMatcher
    /// Those and control tokens.
    private let special: SpecialTokenMatcher

    /// Takes the tokenizer of a GGUF file.
    ///
    /// - Throws: ``TokenizerError``
    public convenience init(gguf: GGUFFile) throws(TokenizerError) {
        try self.init(TokenizerVocabulary(gguf: gguf))
    }

    /// Checks a vocabulary and prepares it for use.
    package init(_ vocabulary: TokenizerVocabulary) throws(TokenizerError) {
        let checked = try CheckedVocabulary(vocabulary)
        let alphabet = ByteAlphabet()
        let index = ByteStringIndex(ByteStrings(vocabulary.tokens))
        encoder = BytePairEncoder(
            byteTokens: try Self.byteTokens(index, alphabet),
            merges: Self.merges(vocabulary.merges, index)
        )

        let (kinds, preTokenizer) = (checked.kinds, checked.preTokenizer)
        let texts = Self.texts(vocabulary.tokens, kinds, alphabet)
        var (userDefined, special) = (SpecialTokenMatcher(), SpecialTokenMatcher())
        for (id, kind) in kinds.enumerated() where kind == .userDefined || kind == .control || kind == .unknown {
            if kind == .userDefined { userDefined.insert(texts[id], TokenID(id)) }
            special.insert(texts[id], TokenID(id))
        }
        self.texts = texts
        self.kinds = kinds
        self.preTokenizer = preTokenizer
        self.userDefined = userDefined
        self.special = special
        wholeWords = preTokenizer.prefersWholeWords ? ByteStringIndex(texts) { kinds[$0] == .normal } : nil
        beginningOfSequence = checked.beginningOfSequence
        endOfSequence = checked.endOfSequence
        addsBeginningOfSequence =
            checked.beginningOfSequence != nil && vocabulary.addsBeginningOfSequence ?? preTokenizer.addsBeginningByDefault
        endOfGeneration = Set(EndOfGeneration.tokens(index, kinds) + checked.endsOfTurn + [checked.endOfSequence].compactMap { $0 })
    }

    /// The token of each byte. Real vocabularies lack some control characters; without printable ASCII it is no byte-level one.
    private static func byteTokens(_ index: ByteStringIndex, _ alphabet: ByteAlphabet) throws(TokenizerError) -> [TokenID] {
        var tokens: [TokenID] = []
        for byte in UInt8.min...UInt8.max {
            let spelling = alphabet.spellings[Int(byte)]
            let token = index.find(spelling, 0..<spelling.count)
            guard token != nil || !(0x20...0x7e).contains(byte) else { throw .missingByte(byte) }
            tokens.append(token ?? BytePairEncoder.noToken)
        }
        return tokens
    }

    private static func merges(_ lines: [[UInt8]], _ index: ByteStringIndex) -> PairTable {
        var table = PairTable(capacity: lines.count)
        var both: [UInt8] = []
        for (rank, line) in lines.enumerated() {
            guard let space = line.dropFirst().firstIndex(of: 0x20),
                let left = index.find(line, 0..<space), let right = index.find(line, space + 1..<line.count)
            else { continue }
            both.removeAll(keepingCapacity: true)
            both += line[..<space]
            both += line[(space + 1)...]
            guard let merged = index.find(both, 0..<both.count) else { continue }
            table.insert(left, right, rank: Int32(clamping: rank), value: merged)
        }
        return table
    }

    /// What tokens decode to: plain text is spelled in the byte alphabet, the rest stands for itself.
    private static func texts(_ tokens: [[UInt8]], _ kinds: [TokenKind], _ alphabet: ByteAlphabet) -> ByteStrings {
        var texts = ByteStrings(capacity: tokens.count)
        for (token, kind) in zip(tokens, kinds) {
            texts.append { bytes in
                switch kind {
                case .normal, .unused: if !alphabet.decode(token, into: &bytes) { bytes += token }
                case .byte: bytes += CheckedVocabulary.byte(token).map { [$0] } ?? token
                case .unknown, .control, .userDefined: bytes += token
                }
            }
        }
        return texts
    }

    /// Bytes that no token stands for; encoding leaves them out.
    public var missingBytes: [UInt8] {
        encoder.missingBytes
    }

    /// The number of tokens.
    public var vocabularySize: Int {
        texts.count
    }

    /// Whether a token ends an answer: the end of a sequence, or of a turn.
    public func isEndOfGeneration(_ token: TokenID) -> Bool {
        endOfGeneration.contains(token)
    }

    /// Whether a token is structure and not text. False for a number outside the vocabulary.
    public func isSpecial(_ token: TokenID) -> Bool {
        guard token >= 0, Int(token) < kinds.count else { return false }
        return kinds[Int(token)] == .control || kinds[Int(token)] == .unknown
    }

    /// The tokens of a text.
    ///
    /// - Parameters:
    ///   - text: the text.
    ///   - parseSpecial: whether the texts of control tokens, such as `<|im_start|>`, become those tokens. If not they are text like any other;
    ///     user-defined tokens, which are text, are found in either case.
    ///   - addBeginning: whether ``beginningOfSequence`` comes first, if the vocabulary wants that.
    /// - Complexity: O(n log n) in the bytes of the longest word, O(n) in the number of words.
    public func encode(_ text: String, parseSpecial: Bool, addBeginning: Bool) -> [TokenID] {
        encode(Array(text.utf8), parseSpecial: parseSpecial, addBeginning: addBeginning)
    }

    /// The tokens of bytes, which need not be valid UTF-8: see ``encode(_:parseSpecial:addBeginning:)-(String,_,_)``.
    public func encode(_ bytes: [UInt8], parseSpecial: Bool, addBeginning: Bool) -> [TokenID] {
        var tokens: [TokenID] = []
        var work = BytePairWorkspace()
        if addBeginning, addsBeginningOfSequence, let beginningOfSequence { tokens.append(beginningOfSequence) }
        let matcher = parseSpecial ? special : userDefined
        var start = 0
        while !matcher.isEmpty, let (token, range) = matcher.next(bytes, from: start) {
            encodeWords(bytes, start..<range.lowerBound, &work, into: &tokens)
            tokens.append(token)
            start = range.upperBound
        }
        encodeWords(bytes, start..<bytes.count, &work, into: &tokens)
        return tokens
    }

    /// The tokens of text without special tokens.
    private func encodeWords(_ bytes: [UInt8], _ range: Range<Int>, _ work: inout BytePairWorkspace, into tokens: inout [TokenID]) {
        let text = ScalarText(bytes: bytes, limit: range.upperBound, classes: classes)
        var start = range.lowerBound
        while start < range.upperBound {
            let end = preTokenizer.wordEnd(text, from: start)
            if let token = wholeWords?.find(bytes, start..<end) {
                tokens.append(token)
            } else {
                encoder.encode(bytes, start..<end, &work, into: &tokens)
            }
            start = end
        }
    }

    /// Appends the bytes that a token stands for.
    func append(_ token: TokenID, to bytes: inout [UInt8]) {
        guard token >= 0, Int(token) < texts.count else { return }
        bytes += texts[Int(token)]
    }

    /// The bytes that a token stands for; a special token gives its name. None for a number outside the vocabulary.
    public func bytes(of token: TokenID) -> [UInt8] {
        var bytes: [UInt8] = []
        append(token, to: &bytes)
        return bytes
    }

    /// The text of tokens. Bytes that are not valid UTF-8 become U+FFFD.
    public func decode(_ tokens: [TokenID], skipSpecial: Bool) -> String {
        var bytes: [UInt8] = []
        for token in tokens where !(skipSpecial && isSpecial(token)) { append(token, to: &bytes) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// How log-probabilities name a token: its text or, where that is not valid UTF-8 by itself, its bytes as OpenAI writes them, `bytes:\xe2\x80`.
    public func tokenText(_ token: TokenID) -> String {
        let bytes = bytes(of: token)
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        return "bytes:" + bytes.map { "\\x" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
