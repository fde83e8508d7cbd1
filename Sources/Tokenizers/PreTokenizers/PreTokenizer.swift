/// How text is cut into words before merges are looked for; merges never cross a word's end.
package struct PreTokenizer: Sendable {
    /// One after the other, each on the words that the one before left.
    private let splits: [WordSplit]
    /// Whether a word that is a token as it stands is taken as that token, without merges.
    let prefersWholeWords: Bool
    /// Whether prompts begin with the beginning-of-sequence token where the file does not say.
    let addsBeginningByDefault: Bool

    /// Cuts by some regular expressions, each applied to the words that the one before left; with none text is one word.
    ///
    /// - Parameters:
    ///   - regularExpressions: those that see text as it is.
    ///   - spelledExpressions: those that come behind and see it as byte-level BPE spells it.
    /// - Throws: ``PatternError``
    package init(
        regularExpressions: [String],
        spelledExpressions: [String] = [],
        prefersWholeWords: Bool = false,
        addsBeginningByDefault: Bool = false
    ) throws(PatternError) {
        var splits: [WordSplit] = []
        for expression in regularExpressions { splits.append(try WordSplit(regularExpression: expression)) }
        if case .pattern = splits.first, splits.count == 2, regularExpressions.first == PatternSources.number, case .gpt2 = splits[1] {
            splits = [.gpt2(GPT2Scanner(isolatesNumbers: true))]
        }
        let alphabet = ByteAlphabet()
        for expression in spelledExpressions { splits.append(.spelled(try WordPattern(expression), alphabet)) }
        self.splits = splits
        self.prefersWholeWords = prefersWholeWords
        self.addsBeginningByDefault = addsBeginningByDefault
    }

    /// The pre-tokenizer of that name in `tokenizer.ggml.pre`; nil for a name that is not known.
    package init?(name: String) {
        guard let known = PreTokenizerNames.named(name) else { return nil }
        try? self.init(
            regularExpressions: known.expressions,
            prefersWholeWords: known.prefersWholeWords,
            addsBeginningByDefault: known.addsBeginning
        )
    }

    /// The names that are known, sorted.
    package static var names: [String] {
        PreTokenizerNames.all.flatMap(\.names).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// The regular expressions that a name of `tokenizer.ggml.pre` stands for; none for a name that is not known.
    package static func expressions(name: String) -> [String] {
        PreTokenizerNames.named(name)?.expressions ?? []
    }

    /// Calls `body` with the words of a part of a text that is not empty, in order and without gaps, as ranges of its bytes.
    @inline(__always)
    func forEachWord(_ bytes: [UInt8], _ range: Range<Int>, _ classes: ScalarClassTable, _ body: (Range<Int>) -> Void) {
        guard let first = splits.first else { return body(range) }
        var text = ScalarText(bytes: bytes, limit: range.upperBound, classes: classes)
        var steps = first.steps(bytes: range.count)
        if splits.count == 1 {
            first.forEachWord(text, from: range.lowerBound, steps: &steps, body)
        } else {
            // Those of each further split, for all words together.
            var further = splits.map { $0.steps(bytes: range.count) }
            var (words, smaller): ([Range<Int>], [Range<Int>]) = ([], [])
            first.forEachWord(text, from: range.lowerBound, steps: &steps) { word in
                words.append(word)
                for index in splits.indices.dropFirst() {
                    for word in words {
                        text.limit = word.upperBound
                        splits[index].forEachWord(text, from: word.lowerBound, steps: &further[index]) { smaller.append($0) }
                    }
                    swap(&words, &smaller)
                    smaller.removeAll(keepingCapacity: true)
                }
                for word in words { body(word) }
                words.removeAll(keepingCapacity: true)
            }
        }
    }

    /// The words of a text, in order and without gaps, as ranges of its bytes.
    package func words(_ bytes: [UInt8], classes: ScalarClassTable = ScalarClassTable()) -> [Range<Int>] {
        var words: [Range<Int>] = []
        if !bytes.isEmpty { forEachWord(bytes, 0..<bytes.count, classes) { words.append($0) } }
        return words
    }
}
