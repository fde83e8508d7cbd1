/// How text is cut into words before merges are looked for; merges never cross a word's end.
package enum PreTokenizer: Sendable {
    /// GPT-2's pattern.
    case gpt2
    /// Every digit alone, then GPT-2's pattern on what lies between.
    case smollm
    /// Llama 3's pattern: numbers of up to three digits.
    case llama3
    /// Qwen 2's pattern: Llama 3's with single digits.
    case qwen2

    /// The pre-tokenizers by their names in `tokenizer.ggml.pre`.
    private static let byName: [(name: String, preTokenizer: PreTokenizer)] = [
        ("gpt-2", .gpt2), ("llama-bpe", .llama3), ("llama-v3", .llama3), ("llama3", .llama3), ("qwen2", .qwen2), ("smollm", .smollm),
    ]

    /// The names that are known, sorted.
    package static var names: [String] {
        byName.map(\.name)
    }

    /// The pre-tokenizer of that name.
    package init?(name: String) {
        guard let known = Self.byName.first(where: { $0.name.utf8.elementsEqual(name.utf8) }) else { return nil }
        self = known.preTokenizer
    }

    /// Whether a word that is a token as it stands is taken as that token, without merges.
    var prefersWholeWords: Bool {
        self == .llama3
    }

    /// Whether prompts begin with the beginning-of-sequence token where the file does not say.
    var addsBeginningByDefault: Bool {
        self == .llama3
    }

    /// The end of the word that starts at `index`, which is before the text's limit: at least one byte on.
    @inline(__always)
    func wordEnd(_ text: ScalarText, from index: Int) -> Int {
        switch self {
        case .gpt2: GPT2Scanner(isolatesNumbers: false).wordEnd(text, from: index)
        case .smollm: GPT2Scanner(isolatesNumbers: true).wordEnd(text, from: index)
        case .llama3: Llama3Scanner(maximumDigits: 3).wordEnd(text, from: index)
        case .qwen2: Llama3Scanner(maximumDigits: 1).wordEnd(text, from: index)
        }
    }

    /// The words of a text, in order and without gaps, as ranges of its bytes.
    package func words(_ bytes: [UInt8]) -> [Range<Int>] {
        let text = ScalarText(bytes: bytes, limit: bytes.count, classes: ScalarClassTable())
        var words: [Range<Int>] = []
        while let start = words.isEmpty ? 0 : words.last?.upperBound, start < bytes.count {
            words.append(start..<wordEnd(text, from: start))
        }
        return words
    }
}
