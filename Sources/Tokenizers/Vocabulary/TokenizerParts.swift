/// Builds what a tokenizer needs from a checked vocabulary: the encoder, and what each token decodes to.
enum TokenizerParts {
    static func make(
        _ vocabulary: TokenizerVocabulary,
        _ kinds: [TokenKind],
        _ index: ByteStringIndex
    ) throws(TokenizerError) -> (encoder: any TextEncoder, texts: ByteStrings) {
        switch vocabulary.algorithm {
        case .byteLevel(let merges, let preTokenizer):
            let alphabet = ByteAlphabet()
            let symbols = StartingSymbols(byteTokens: try byteTokens(index, alphabet))
            let texts = texts(vocabulary.tokens, kinds) { alphabet.decode($0, into: &$1) }
            let encoder = ByteLevelEncoder(
                preTokenizer: preTokenizer,
                pairs: BytePairEncoder(symbols: symbols, merges: table(merges, index)),
                wholeWords: ByteStringIndex(texts) { kinds[$0] == .normal }
            )
            return (encoder, texts)
        case .sentencePiece(let scores, let spacePrefix):
            guard scores.count == kinds.count else {
                throw .countMismatch(key: "tokenizer.ggml.scores", found: scores.count, expected: kinds.count)
            }
            return pieces(vocabulary, kinds, spacePrefix, splitsAtSpaces: false) { PieceMerges.table(vocabulary.tokens, kinds, scores, $0) }
        case .characterLevel(let merges, let spacePrefix, let splitsAtSpaces):
            return pieces(vocabulary, kinds, spacePrefix, splitsAtSpaces: splitsAtSpaces) { table(merges, $0) }
        }
    }

    private static func pieces(
        _ vocabulary: TokenizerVocabulary,
        _ kinds: [TokenKind],
        _ spacePrefix: SpacePrefix,
        splitsAtSpaces: Bool,
        _ merges: (ByteStringIndex) -> PairTable
    ) -> (encoder: any TextEncoder, texts: ByteStrings) {
        let pieces = ByteStringIndex(ByteStrings(vocabulary.tokens)) { kinds[$0].isText }
        var byteTokens = [TokenID](repeating: StartingSymbols.noToken, count: 256)
        for (id, token) in vocabulary.tokens.enumerated() where kinds[id] == .byte {
            if let byte = CheckedVocabulary.byte(token), byteTokens[Int(byte)] == StartingSymbols.noToken {
                byteTokens[Int(byte)] = TokenID(id)
            }
        }
        let unknown = vocabulary.unknown ?? kinds.firstIndex(of: .unknown)
        let symbols = StartingSymbols(
            characters: pieces,
            byteTokens: byteTokens,
            unknown: unknown.flatMap { kinds.indices.contains($0) ? TokenID($0) : nil }
        )
        // Where a list of merges comes from tokenizer.json, its decoder replaces ▁ in added tokens, too; GGUF has those with their spaces.
        let isPlain = kinds.map { $0 == .userDefined && vocabulary.spellsAddedTokens ? .normal : $0 }
        let texts = texts(vocabulary.tokens, isPlain) {
            SpaceSpelling.unspell($0, into: &$1)
            return true
        }
        let encoder = PieceEncoder(
            spacePrefix: spacePrefix,
            pairs: BytePairEncoder(symbols: symbols, merges: merges(pieces)),
            mergeable: splitsAtSpaces ? [] : vocabulary.tokens.indices.filter { kinds[$0].isText }.map { vocabulary.tokens[$0][...] }
        )
        return (encoder, texts)
    }

    /// The token of each byte. Real vocabularies lack some control characters; without printable ASCII it is no byte-level one.
    private static func byteTokens(_ index: ByteStringIndex, _ alphabet: ByteAlphabet) throws(TokenizerError) -> [TokenID] {
        var tokens: [TokenID] = []
        for byte in UInt8.min...UInt8.max {
            let spelling = alphabet.spellings[Int(byte)]
            let token = index.find(spelling, 0..<spelling.count)
            guard token != nil || !(0x20...0x7e).contains(byte) else { throw .missingByte(byte) }
            tokens.append(token ?? StartingSymbols.noToken)
        }
        return tokens
    }

    private static func table(_ lines: [[UInt8]], _ index: ByteStringIndex) -> PairTable {
        var table = PairTable(capacity: lines.count)
        var both: [UInt8] = []
        for (rank, line) in lines.enumerated() {
            guard let (space, left, right) = halves(line, index) else { continue }
            both.removeAll(keepingCapacity: true)
            both += line[..<space]
            both += line[(space + 1)...]
            guard let merged = index.find(both, 0..<both.count) else { continue }
            table.insert(left, right, rank: Int32(clamping: rank), value: merged)
        }
        return table
    }

    /// The space between two tokens, and these: the first one that has a token on either side, for tokens may hold spaces, too.
    private static func halves(_ line: [UInt8], _ index: ByteStringIndex) -> (space: Int, left: TokenID, right: TokenID)? {
        guard line.count <= 2 * PieceMerges.maximumLength else { return nil }
        for space in line.indices.dropFirst() where line[space] == 0x20 {
            if let left = index.find(line, 0..<space), let right = index.find(line, space + 1..<line.count) { return (space, left, right) }
        }
        return nil
    }

    /// What tokens decode to: plain text is spelled in some alphabet, the rest stands for itself.
    ///
    /// - Parameter unspell: appends what a spelling stands for; false, and nothing appended, where it is none.
    private static func texts(
        _ tokens: [[UInt8]],
        _ kinds: [TokenKind],
        _ unspell: ([UInt8], inout [UInt8]) -> Bool
    ) -> ByteStrings {
        var texts = ByteStrings(capacity: tokens.count)
        for (token, kind) in zip(tokens, kinds) {
            texts.append { bytes in
                switch kind {
                case .normal, .unused: if !unspell(token, &bytes) { bytes += token }
                case .byte: bytes += CheckedVocabulary.byte(token).map { [$0] } ?? token
                case .unknown, .control, .userDefined: bytes += token
                }
            }
        }
        return texts
    }
}
