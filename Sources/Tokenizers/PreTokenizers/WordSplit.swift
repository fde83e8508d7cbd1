/// One way of cutting text: where its words are, what lies between them is a word, too.
enum WordSplit: Sendable {
    /// GPT-2's pattern, by hand; or every number alone first.
    case gpt2(GPT2Scanner)
    /// Llama 3's pattern and Qwen 2's, by hand.
    case llama3(Llama3Scanner)
    /// Any other.
    case pattern(WordPattern)
    /// A pattern that looks at text as byte-level BPE spells it, a character for each byte.
    case spelled(WordPattern, ByteAlphabet)

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

    /// How many steps a text of so many bytes is worth.
    func steps(bytes: Int) -> Int {
        switch self {
        case .gpt2, .llama3: 0
        case .pattern(let pattern), .spelled(let pattern, _): pattern.steps(bytes: bytes)
        }
    }

    /// Calls `body` with the words from an offset to the text's limit.
    ///
    /// - Parameter steps: what patterns may still take. Where they are used up, what is left is a word, too.
    func forEachWord(_ text: ScalarText, from start: Int, steps: inout Int, _ body: (Range<Int>) -> Void) {
        switch self {
        case .gpt2(let scanner): Self.scan(text, from: start, scanner.wordEnd, body)
        case .llama3(let scanner): Self.scan(text, from: start, scanner.wordEnd, body)
        case .pattern(let pattern):
            var start = start
            while start < text.limit {
                let match = pattern.next(text, from: start, steps: &steps) ?? text.limit..<text.limit
                if match.lowerBound > start { body(start..<match.lowerBound) }
                if !match.isEmpty { body(match) }
                start = match.upperBound
            }
        case .spelled(let pattern, let alphabet):
            // Which byte each byte of the spelling is of.
            var (spelled, places): ([UInt8], [Int]) = ([], [])
            for index in start..<text.limit {
                for byte in alphabet.spellings[Int(text.bytes[index])] {
                    spelled.append(byte)
                    places.append(index)
                }
            }
            places.append(text.limit)
            let spelledText = ScalarText(bytes: spelled, limit: spelled.count, classes: text.classes)
            Self.pattern(pattern).forEachWord(spelledText, from: 0, steps: &steps) { body(places[$0.lowerBound]..<places[$0.upperBound]) }
        }
    }

    @inline(__always)
    private static func scan(_ text: ScalarText, from start: Int, _ wordEnd: (ScalarText, Int) -> Int, _ body: (Range<Int>) -> Void) {
        var start = start
        while start < text.limit {
            let end = wordEnd(text, start)
            body(start..<end)
            start = end
        }
    }
}
