/// Byte-level BPE: words, then the merges of their bytes.
struct ByteLevelEncoder: TextEncoder {
    private let preTokenizer: PreTokenizer
    private let classes = ScalarClassTable()
    private let pairs: BytePairEncoder
    /// Tokens by their bytes, where whole words are looked up before merges.
    private let wholeWords: ByteStringIndex?

    /// - Parameters:
    ///   - wholeWords: the tokens that a whole word may be, by their bytes; asked only where the pre-tokenizer wants that.
    init(preTokenizer: PreTokenizer, pairs: BytePairEncoder, wholeWords: @autoclosure () -> ByteStringIndex) {
        self.preTokenizer = preTokenizer
        self.pairs = pairs
        self.wholeWords = preTokenizer.prefersWholeWords ? wholeWords() : nil
    }

    var missingBytes: [UInt8] {
        pairs.missingBytes
    }

    func encode(_ bytes: [UInt8], _ range: Range<Int>, isFirst: Bool, _ work: inout BytePairWorkspace, into tokens: inout [TokenID]) {
        preTokenizer.forEachWord(bytes, range, classes) { word in
            if let token = wholeWords?.find(bytes, word) {
                tokens.append(token)
            } else {
                pairs.encode(bytes, word, &work, into: &tokens)
            }
        }
    }
}
