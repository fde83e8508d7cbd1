/// What a file says of its tokenizer, as plain data: not yet checked.
package struct TokenizerVocabulary: Sendable {
    /// The tokens as the file spells them: text in the algorithm's alphabet, special tokens as they are.
    package var tokens: [[UInt8]]
    /// What each token is for; empty where the file does not say, and all are plain text.
    package var kinds: [TokenKind] = []
    /// How text becomes tokens.
    package var algorithm: TokenizerAlgorithm
    package var beginningOfSequence: Int?
    package var endOfSequence: Int?
    /// What stands for text that has no token.
    package var unknown: Int?
    /// Further tokens that end an answer, by the keys that name them.
    package var endsOfTurn: [(key: String, token: Int)] = []
    /// Whether prompts begin with ``beginningOfSequence``; nil where the file does not say.
    package var addsBeginningOfSequence: Bool?

    /// Special tokens that take the white space before or behind them with them.
    package var strips: (left: Set<TokenID>, right: Set<TokenID>) = ([], [])
    /// Whether user-defined tokens are spelled as text is, and not as they look.
    package var spellsAddedTokens = false
    /// Whether text is brought into normalization form C first.
    package var composes = false

    package init(tokens: [[UInt8]], algorithm: TokenizerAlgorithm) {
        self.tokens = tokens
        self.algorithm = algorithm
    }

    /// Whether prompts begin with ``beginningOfSequence`` where the file does not say.
    var addsBeginningByDefault: Bool {
        switch algorithm {
        case .byteLevel(_, let preTokenizer): preTokenizer.addsBeginningByDefault
        case .sentencePiece: true
        case .characterLevel: false
        }
    }

    /// Whether text gets a space in front.
    var spacePrefix: SpacePrefix {
        switch algorithm {
        case .byteLevel: .never
        case .sentencePiece(_, let spacePrefix), .characterLevel(_, let spacePrefix, _): spacePrefix
        }
    }
}
