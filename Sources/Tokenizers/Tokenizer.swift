import ModelFiles

/// A BPE tokenizer, of bytes or of characters: text to tokens and back. Decoding gives the bytes back, but for those that the vocabulary has no token
/// for: like other tokenizers, encoding leaves them out (``missingBytes``).
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
    private let encoder: any TextEncoder
    /// Whether text gets a space in front that is none of its own.
    private let spacePrefix: SpacePrefix
    /// Special tokens that take white space around them with them.
    private let strips: (left: Set<TokenID>, right: Set<TokenID>)
    /// Whether text is brought into normalization form C first.
    private let composes: Bool
    /// Texts that are always one token.
    private let userDefined: SpecialTokenMatcher
    /// Those and control tokens.
    private let special: SpecialTokenMatcher

    /// Takes the tokenizer of a model.
    ///
    /// - Throws: ``TokenizerError``
    public convenience init(gguf: GGUFFile) throws(TokenizerError) {
        try self.init(TokenizerVocabulary(gguf: gguf))
    }

    /// Checks a vocabulary and prepares it for use.
    package init(_ vocabulary: TokenizerVocabulary) throws(TokenizerError) {
        let checked = try CheckedVocabulary(vocabulary)
        let (kinds, index) = (checked.kinds, ByteStringIndex(ByteStrings(vocabulary.tokens)))
        let (encoder, texts) = try TokenizerParts.make(vocabulary, kinds, index)
        var (userDefined, special) = (SpecialTokenMatcher(), SpecialTokenMatcher())
        for (id, kind) in kinds.enumerated() where kind == .userDefined || kind == .control || kind == .unknown {
            if kind == .userDefined { userDefined.insert(vocabulary.tokens[id][...], TokenID(id)) }
            special.insert(vocabulary.tokens[id][...], TokenID(id))
        }
        self.encoder = encoder
        self.texts = texts
        self.kinds = kinds
        self.userDefined = userDefined
        self.special = special
        spacePrefix = vocabulary.spacePrefix
        strips = vocabulary.strips
        composes = vocabulary.composes
        beginningOfSequence = checked.beginningOfSequence
        endOfSequence = checked.endOfSequence
        addsBeginningOfSequence =
            checked.beginningOfSequence != nil && vocabulary.addsBeginningOfSequence ?? vocabulary.addsBeginningByDefault
        endOfGeneration = Set(EndOfGeneration.tokens(index, kinds) + checked.endsOfTurn + [checked.endOfSequence].compactMap { $0 })
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
            let end = strips.left.contains(token) ? WhiteSpace.start(bytes, before: range.lowerBound, from: start) : range.lowerBound
            encodeText(bytes, start..<end, &work, into: &tokens)
            tokens.append(token)
            start = strips.right.contains(token) ? WhiteSpace.end(bytes, from: range.upperBound) : range.upperBound
        }
        encodeText(bytes, start..<bytes.count, &work, into: &tokens)
        return tokens
    }

    /// The tokens of text without special tokens.
    private func encodeText(_ bytes: [UInt8], _ range: Range<Int>, _ work: inout BytePairWorkspace, into tokens: inout [TokenID]) {
        guard !range.isEmpty else { return }
        let isFirst = range.lowerBound == 0
        if composes, let composed = CanonicalComposition.compose(bytes[range]) {
            encoder.encode(composed, 0..<composed.count, isFirst: isFirst, &work, into: &tokens)
        } else {
            encoder.encode(bytes, range, isFirst: isFirst, &work, into: &tokens)
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

    /// The text of tokens, taken for the beginning of a text. Bytes that are not valid UTF-8 become U+FFFD.
    public func decode(_ tokens: [TokenID], skipSpecial: Bool) -> String {
        var bytes: [UInt8] = []
        // Whether a space that encoding put in front may come next.
        var mayBeginWithPrefix = spacePrefix != .never
        for token in tokens {
            let isSpecial = isSpecial(token)
            if !(isSpecial && skipSpecial) {
                let start = bytes.count
                append(token, to: &bytes)
                if !isSpecial, mayBeginWithPrefix, bytes.count > start, bytes[start] == 0x20 { bytes.remove(at: start) }
            }
            mayBeginWithPrefix = isSpecial && spacePrefix.isPutBehindSpecial
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// How log-probabilities name a token: its text or, where that is not valid UTF-8 by itself, its bytes as OpenAI writes them, `bytes:\xe2\x80`.
    public func tokenText(_ token: TokenID) -> String {
        let bytes = bytes(of: token)
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        return "bytes:" + bytes.map { "\\x" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
