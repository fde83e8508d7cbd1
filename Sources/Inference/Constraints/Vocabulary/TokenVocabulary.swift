import Tokenizers

/// A model's tokens as constraints look at them. Made once for each model.
public final class TokenVocabulary: Sendable {
    /// Tokens of whole characters that may stand within a JSON string as they are, all of one length.
    struct Plain: Sendable {
        /// How many code points each has.
        let length: Int
        var tokens: TokenMask
    }

    /// How many logits there are.
    let count: Int
    /// Every token that is text.
    let all: TokenTrie
    /// Those that are not ``plain``: with a quote, a backslash, a control character or a part of a character.
    let others: TokenTrie
    /// The tokens that only go on with a string, by their length.
    let plain: [Plain]
    /// All of them.
    let plainMask: TokenMask
    /// The tokens that end an answer.
    let ends: TokenMask
    /// There are plain tokens of every length from 1 to this.
    let longestRun: Int
    /// Whether a character that was begun can always be finished.
    let finishesCharacters: Bool

    /// Looks at a tokenizer's tokens.
    ///
    /// - Parameters:
    ///   - tokenizer: the model's.
    ///   - count: how many logits the model has; those beyond the tokenizer's tokens are never allowed.
    /// - Throws: ``ConstraintError/noToken(_:)``
    public init(_ tokenizer: Tokenizer, count: Int) throws(ConstraintError) {
        self.count = count
        var (entries, others): ([(bytes: [UInt8], token: Int32)], [(bytes: [UInt8], token: Int32)]) = ([], [])
        var plain: [Int: Plain] = [:]
        var (plainMask, ends) = (TokenMask(count: count), TokenMask(count: count))
        var single = Set<UInt8>()
        for token in 0..<Int32(clamping: min(count, tokenizer.vocabularySize)) {
            if tokenizer.isEndOfGeneration(token) {
                ends.insert(Int(token))
                continue
            }
            let bytes = tokenizer.bytes(of: token)
            guard !tokenizer.isSpecial(token), !bytes.isEmpty else { continue }
            entries.append((bytes, token))
            if bytes.count == 1 { single.insert(bytes[0]) }
            if let length = Self.plainLength(bytes) {
                plain[length, default: Plain(length: length, tokens: TokenMask(count: count))].tokens.insert(Int(token))
                plainMask.insert(Int(token))
            } else {
                others.append((bytes, token))
            }
        }
        for byte in Array("{}[],:\"\\-.0123456789eE".utf8) + Array("bfnrtuabcdef".utf8) where !single.contains(byte) {
            throw .noToken(byte)
        }
        longestRun = (1...).first { plain[$0 + 1] == nil } ?? 1
        finishesCharacters = (0x80...0xBF).allSatisfy { single.contains($0) }
        all = TokenTrie(entries)
        self.others = TokenTrie(others)
        self.plain = plain.values.sorted { $0.length < $1.length }
        self.plainMask = plainMask
        self.ends = ends
    }

    /// The code points of bytes that may stand within a JSON string as they are; nil where some may not, or are no whole characters.
    private static func plainLength(_ bytes: [UInt8]) -> Int? {
        guard bytes.allSatisfy({ $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) else { return nil }
        return String(validating: bytes, as: UTF8.self)?.unicodeScalars.count
    }

    /// The fewest tokens that spell a text, from each place in it to its end; nil where none do.
    func covers(of text: [UInt8]) -> [Int?] {
        var covers = [Int?](repeating: nil, count: text.count + 1)
        covers[text.count] = 0
        for start in stride(from: text.count - 1, through: 0, by: -1) {
            covers[start] = all.lengths(matching: text, from: start).compactMap { covers[start + $0].map { $0 + 1 } }.min()
        }
        return covers
    }
}
