/// One way of cutting text: where its words are, what lies between them is a word, too.
enum WordSplit: Sendable {
    /// GPT-2's pattern, by hand; or every number alone first.
    case gpt2(GPT2Scanner)
    /// Llama 3's pattern and Qwen 2's, by hand.
    case llama3(Llama3Scanner)
    /// Any other.
    case pattern(WordPattern)

    /// The way that a regular expression describes: scanners written by hand where there is one, which are several times faster.
    init(regularExpression source: String) throws(PatternError) {
        if source.utf8.elementsEqual(PatternSources.gpt2.utf8) {
            self = .gpt2(GPT2Scanner(isolatesNumbers: false))
        } else if source.utf8.elementsEqual(PatternSources.llama3.utf8) {
            self = .llama3(Llama3Scanner(maximumDigits: 3))
        } else if source.utf8.elementsEqual(PatternSources.qwen2.utf8) {
            self = .llama3(Llama3Scanner(maximumDigits: 1))
        } else {
            self = .pattern(try WordPattern(source))
        }
    }

    /// The end of the word that starts at `index`, which is before the text's limit.
    ///
    /// - Parameter found: the next match of a pattern that was looked for before and lies behind `index`.
    @inline(__always)
    func wordEnd(_ text: ScalarText, from index: Int, found: inout Range<Int>?) -> Int {
        switch self {
        case .gpt2(let scanner): return scanner.wordEnd(text, from: index)
        case .llama3(let scanner): return scanner.wordEnd(text, from: index)
        case .pattern(let pattern):
            if let match = found {
                found = nil
                return match.upperBound
            }
            guard let match = pattern.next(text, from: index) else { return text.limit }
            guard match.lowerBound > index else { return match.upperBound }
            found = match
            return match.lowerBound
        }
    }
}
