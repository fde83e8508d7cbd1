/// What a file says of its byte-level BPE tokenizer, as plain data: not yet checked.
package struct TokenizerVocabulary: Sendable {
    /// The tokens as the file spells them: each byte as a printable character (``ByteAlphabet``), special tokens as they are.
    package var tokens: [[UInt8]]
    /// What each token is for; empty where the file does not say, and all are plain text.
    package var kinds: [TokenKind] = []
    /// Pairs of tokens that become one, the most urgent first, each `left right`.
    package var merges: [[UInt8]]
    /// How text is cut into words: a name of `tokenizer.ggml.pre`.
    package var preTokenizer: String
    package var beginningOfSequence: Int?
    package var endOfSequence: Int?
    /// Further tokens that end an answer, by the keys that name them.
    package var endsOfTurn: [(key: String, token: Int)] = []
    /// Whether prompts begin with ``beginningOfSequence``; nil where the file does not say.
    package var addsBeginningOfSequence: Bool?

    package init(tokens: [[UInt8]], merges: [[UInt8]], preTokenizer: String) {
        self.tokens = tokens
        self.merges = merges
        self.preTokenizer = preTokenizer
    }
}
