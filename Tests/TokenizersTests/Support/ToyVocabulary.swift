import Testing
import Tokenizers

/// Vocabularies of the 256 bytes, with what a test adds.
enum ToyVocabulary {
    /// Ids 0 to 255 are the bytes. Each merge adds its result, unless that is there.
    ///
    /// - Parameter extra: lines of merges that come before, as the file spells them.
    static func make(
        merges: [(String, String)] = [],
        lines extra: [[UInt8]] = [],
        preTokenizer name: String = "gpt-2"
    ) throws -> TokenizerVocabulary {
        var lines = extra
        var tokens = (0...255).map { Spelling.of([UInt8($0)]) }
        for (left, right) in merges {
            let (first, second) = (Spelling.of(left.utf8), Spelling.of(right.utf8))
            lines.append(first + [0x20] + second)
            if !tokens.contains(first + second) { tokens.append(first + second) }
        }
        let preTokenizer = try #require(PreTokenizer(name: name))
        var vocabulary = TokenizerVocabulary(tokens: tokens, algorithm: .byteLevel(merges: lines, preTokenizer: preTokenizer))
        vocabulary.kinds = tokens.map { _ in .normal }
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
