import ModelFiles

/// What a `tokenizer.json` does to text before merges: its normalizer and its pre-tokenizer.
struct HuggingFaceTextSteps {
    /// Whether text is brought into normalization form C first.
    private(set) var composes = false
    private var expressions: [String] = []
    /// Those behind the step that spells bytes as characters: they see the spelling.
    private var spelledExpressions: [String] = []
    private var isByteLevel = false
    private var spellsSpaces = false
    private var splitsAtSpaces = false
    private var spacePrefix = SpacePrefix.never

    init(_ json: JSONTree) throws(TokenizerError) {
        try normalize(json["normalizer"])
        try preTokenize(json["pre_tokenizer"])
    }

    /// The algorithm that these steps belong to.
    func algorithm(merges: [[UInt8]], prefersWholeWords: Bool) throws(TokenizerError) -> TokenizerAlgorithm {
        if isByteLevel, !spellsSpaces {
            do {
                let preTokenizer = try PreTokenizer(
                    regularExpressions: expressions,
                    spelledExpressions: spelledExpressions,
                    prefersWholeWords: prefersWholeWords
                )
                return .byteLevel(merges: merges, preTokenizer: preTokenizer)
            } catch {
                throw .unsupportedPart("tokenizer.json", "a pattern that cannot be used (\(error))", expected: "another")
            }
        }
        guard spellsSpaces, expressions.isEmpty, !isByteLevel else {
            throw .unsupportedPart("tokenizer.json", "a pre-tokenizer without bytes or ▁", expected: "ByteLevel, or ▁ for spaces")
        }
        return .characterLevel(merges: merges, spacePrefix: spacePrefix, splitsAtSpaces: splitsAtSpaces)
    }

    private mutating func normalize(_ step: JSONTree?) throws(TokenizerError) {
        guard let step else { return }
        switch step["type"]?.word {
        case "Sequence": for part in step["normalizers"]?.array ?? [] { try normalize(part) }
        case "NFC": composes = true
        case "Prepend" where step["prepend"]?.word == "▁": spacePrefix = .always
        case "Replace" where step["pattern"]?["String"]?.word == " " && step["content"]?.word == "▁": spellsSpaces = true
        case let type: throw Self.unsupported("normalizer", type)
        }
    }

    private mutating func preTokenize(_ step: JSONTree?) throws(TokenizerError) {
        guard let step else { return }
        let type = step["type"]?.word
        switch type {
        case "Sequence": for part in step["pretokenizers"]?.array ?? [] { try preTokenize(part) }
        case "ByteLevel":
            guard step["add_prefix_space"]?.bool != true else {
                throw .unsupportedPart("tokenizer.json", "'add_prefix_space' true", expected: "false")
            }
            guard !isByteLevel else { throw Self.unsupported("a second", "ByteLevel") }
            if step["use_regex"]?.bool != false { add(PatternSources.gpt2) }
            isByteLevel = true
        case "Digits": add(step["individual_digits"]?.bool == true ? PatternSources.number : PatternSources.numbers)
        case "Punctuation":
            switch step["behavior"]?.word ?? "Isolated" {
            case "Isolated": add(String(PatternSources.falconPunctuation.dropLast()))
            case "Contiguous": add(PatternSources.falconPunctuation)
            case let behavior: throw Self.unsupported("behavior of Punctuation", behavior)
            }
        case "Split": try split(step)
        case "Metaspace":
            guard step["replacement"]?.word ?? "▁" == "▁" else { throw Self.unsupported("replacement", step["replacement"]?.word) }
            spellsSpaces = true
            splitsAtSpaces = step["split"]?.bool != false
            let scheme = step["prepend_scheme"]?.word ?? (step["add_prefix_space"]?.bool == false ? "never" : "always")
            spacePrefix = scheme == "never" ? .never : scheme == "first" ? .firstUnlessThere : .unlessThere
        default: throw Self.unsupported("pre-tokenizer", type)
        }
    }

    private mutating func split(_ step: JSONTree) throws(TokenizerError) {
        let (text, behavior) = (step["pattern"]?["String"]?.string, step["behavior"]?.word ?? "")
        // Where spaces are spelled ▁ there are none left to split at.
        if spellsSpaces, text?.word == " " { return }
        let escaped = text.map { $0.unicodeScalars.map { #"\x{\#(String($0.value, radix: 16))}"# }.joined() }
        guard let expression = step["pattern"]?["Regex"]?.string ?? escaped else { throw Self.unsupported("pattern of Split", nil) }
        // What lies between the matches of an inverted pattern is removed: the same, where there is nothing between.
        let removesNothing = behavior == "Removed" && step["invert"]?.bool == true && WordPattern.coversAll(expression)
        guard behavior == "Isolated" || removesNothing else { throw Self.unsupported("behavior of Split", behavior) }
        add(expression)
    }

    private mutating func add(_ expression: String) {
        if isByteLevel { spelledExpressions.append(expression) } else { expressions.append(expression) }
    }

    private static func unsupported(_ what: String, _ found: String?) -> TokenizerError {
        .unsupportedPart("tokenizer.json", "\(what) \(found?.quotedText ?? "without a type")", expected: "one that is built in")
    }
}
