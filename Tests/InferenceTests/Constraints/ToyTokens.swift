import Inference
import Tokenizers

/// A vocabulary of the 256 bytes, of texts that a test adds, and of one end.
struct ToyTokens {
    let tokenizer: Tokenizer
    let vocabulary: TokenVocabulary
    /// The token that ends an answer.
    let end: Int

    /// Texts as tokenizers have them: across the borders of JSON's parts, parts of characters, runs of letters.
    static let pieces = [
        "true", "false", "null", "\":", "\",\"", "\"}", "{\"", "[{", "}]", "],[", "\":{\"", "name", "ab", "abc", "abcd", "na", "ame", "12",
        "0.", "-1", "e+", " the",
        "é", "日本", "\\u00", "\\\"", "\\n", "\"a", "a\"", "\",", " ", "  ", "\n",
    ]

    /// - Parameters:
    ///   - texts: Tokens of whole characters.
    ///   - partial: Tokens that begin or end within a character.
    ///   - missing: Bytes that are no tokens.
    init(
        _ texts: [String] = Self.pieces,
        partial: [[UInt8]] = [[0xE6, 0x97], [0xA5, 0xE6], [0xF0, 0x9F]],
        missing: ClosedRange<UInt8>? = nil
    ) throws {
        let bytes = (0...255).filter { missing?.contains(UInt8($0)) != true }.map {
            Array("<0x\($0 < 16 ? "0" : "")\(String($0, radix: 16).uppercased())>".utf8)
        }
        let tokens = bytes + texts.map { Array($0.utf8) } + partial + [Array("<end>".utf8)]
        var vocabulary = TokenizerVocabulary(tokens: tokens, algorithm: .sentencePiece(scores: tokens.map { _ in 0 }, spacePrefix: .never))
        vocabulary.kinds =
            bytes.map { _ in .byte } + texts.map { _ in .userDefined } + partial.map { _ in .userDefined } + [.control]
        vocabulary.endOfSequence = tokens.count - 1
        end = tokens.count - 1
        tokenizer = try Tokenizer(vocabulary)
        self.vocabulary = try TokenVocabulary(tokenizer, count: tokens.count + 7)
    }

    /// How many tokens there are.
    var count: Int { tokenizer.vocabularySize }
}
