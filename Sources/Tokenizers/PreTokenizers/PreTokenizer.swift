/// How text is cut into words before merges are looked for; merges never cross a word's end.
enum PreTokenizer: Sendable, Equatable {
    /// GPT-2's pattern.
    case gpt2
    /// Every digit alone, then GPT-2's pattern on what lies between.
    case smollm
    /// Llama 3's pattern: numbers of up to three digits.
    case llama3
    /// Qwen 2's pattern: Llama 3's with single digits.
    case qwen2

    /// The names in `tokenizer.ggml.pre`.
    static let byName: [String: PreTokenizer] = [
        "gpt-2": .gpt2, "smollm": .smollm, "llama-bpe": .llama3, "llama3": .llama3, "llama-v3": .llama3, "qwen2": .qwen2,
    ]

    /// The names that are known, sorted.
    static let names = byName.keys.sorted()

    /// The pre-tokenizer of that name.
    init?(name: String) {
        guard let known = Self.byName[name] else { return nil }
        self = known
    }

    /// Whether a word that is a token as it stands is taken as that token, without merges.
    var prefersWholeWords: Bool {
        self == .llama3
    }

    /// Whether prompts begin with the beginning-of-sequence token where the file does not say.
    var addsBeginningByDefault: Bool {
        self == .llama3
    }

    /// Cuts a text into words, in order and without gaps: ranges of scalars.
    func split(_ text: ScalarText, _ word: (Range<Int>) -> Void) {
        switch self {
        case .gpt2: GPT2Scanner.split(text, 0..<text.count, word)
        case .smollm:
            var start = 0
            for index in 0..<text.count where text.classes[index] == .number {
                GPT2Scanner.split(text, start..<index, word)
                word(index..<index + 1)
                start = index + 1
            }
            GPT2Scanner.split(text, start..<text.count, word)
        case .llama3: Llama3Scanner(digits: 3).split(text, word)
        case .qwen2: Llama3Scanner(digits: 1).split(text, word)
        }
    }
}
