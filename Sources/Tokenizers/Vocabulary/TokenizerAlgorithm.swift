/// How a tokenizer turns text into tokens.
package enum TokenizerAlgorithm: Sendable {
    /// GPT-2's byte-level BPE: text is cut into words, words are spelled in bytes, bytes merge.
    ///
    /// - merges: pairs of tokens that become one, the most urgent first, each `left right`.
    case byteLevel(merges: [[UInt8]], preTokenizer: PreTokenizer)
    /// SentencePiece's BPE (Kudo and Richardson, arXiv:1808.06226): characters merge to the piece of the highest score first.
    ///
    /// - scores: one for each token.
    case sentencePiece(scores: [Float], spacePrefix: SpacePrefix)
    /// BPE over characters by a list of merges, as Hugging Face writes SentencePiece's vocabularies.
    ///
    /// - merges: see ``byteLevel(merges:preTokenizer:)``.
    /// - splitsAtSpaces: whether every space begins a word; if not, those do that no token goes on with.
    case characterLevel(merges: [[UInt8]], spacePrefix: SpacePrefix, splitsAtSpaces: Bool)
}
