import Tokenizers

/// Vocabularies of the 256 bytes, with what a test adds.
enum ToyVocabulary {
    /// Ids 0 to 255 are the bytes. Each merge adds its result, unless that is there.
    static func make(merges: [(String, String)] = [], preTokenizer: String = "gpt-2") -> TokenizerVocabulary {
        var vocabulary = TokenizerVocabulary(tokens: (0...255).map { Spelling.of([UInt8($0)]) }, merges: [], preTokenizer: preTokenizer)
        vocabulary.kinds = [TokenKind](repeating: .normal, count: 256)
        for (left, right) in merges {
            let (first, second) = (Spelling.of(left.utf8), Spelling.of(right.utf8))
            vocabulary.merges.append(first + [0x20] + second)
            if !vocabulary.tokens.contains(first + second) { vocabulary.add(first + second, .normal) }
        }
        return vocabulary
    }
}

extension TokenizerVocabulary {
    /// Adds a token as the file spells it.
    mutating func add(_ token: [UInt8], _ kind: TokenKind) {
        tokens.append(token)
        kinds.append(kind)
    }

    /// Adds a token that stands for itself.
    mutating func add(_ text: String, _ kind: TokenKind) {
        add(Array(text.utf8), kind)
    }
}
