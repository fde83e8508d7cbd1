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
    /// - Throws: ``PatternError``
    package init(
        regularExpressions: [String],
        prefersWholeWords: Bool = false,
        addsBeginningByDefault: Bool = false
    ) throws(PatternError) {
        var splits: [WordSplit] = []
        for expression in regularExpressions { splits.append(try WordSplit(regularExpression: expression)) }
        if case .pattern = splits.first, splits.count == 2, regularExpressions.first == PatternSources.number, case .gpt2 = splits[1] {
            splits = [.gpt2(GPT2Scanner(isolatesNumbers: true))]
        }
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

    /// Calls `body` with the words of a part of a text, in order and without gaps, as ranges of its bytes.
    @inline(__always)
    func forEachWord(_ bytes: [UInt8], _ range: Range<Int>, _ classes: ScalarClassTable, _ body: (Range<Int>) -> Void) {
        split(bytes, range, classes, step: 0, body)
    }

    private func split(_ bytes: [UInt8], _ range: Range<Int>, _ classes: ScalarClassTable, step: Int, _ body: (Range<Int>) -> Void) {
        guard step < splits.count else { return body(range) }
        let (split, text) = (splits[step], ScalarText(bytes: bytes, limit: range.upperBound, classes: classes))
        var (start, found): (Int, Range<Int>?) = (range.lowerBound, nil)
        while start < range.upperBound {
            let end = split.wordEnd(text, from: start, found: &found)
            if step + 1 < splits.count { self.split(bytes, start..<end, classes, step: step + 1, body) } else { body(start..<end) }
            start = end
        }
    }

    /// The words of a text, in order and without gaps, as ranges of its bytes.
    package func words(_ bytes: [UInt8], classes: ScalarClassTable = ScalarClassTable()) -> [Range<Int>] {
        var words: [Range<Int>] = []
        if !bytes.isEmpty { forEachWord(bytes, 0..<bytes.count, classes) { words.append($0) } }
        return words
    }
}
