/// Turns tokens into text one by one, and never emits part of a character.
public struct StreamingDecoder: Sendable {
    private let tokenizer: Tokenizer
    private let skipSpecial: Bool
    /// The beginning of a character whose rest is to come.
    private var pending: [UInt8] = []

    /// Starts with no text.
    ///
    /// - Parameters:
    ///   - tokenizer: whose tokens these are.
    ///   - skipSpecial: whether special tokens leave no text.
    public init(tokenizer: Tokenizer, skipSpecial: Bool) {
        self.tokenizer = tokenizer
        self.skipSpecial = skipSpecial
    }

    /// Takes a token and returns the characters that are now whole. Bytes that can never become one give U+FFFD.
    public mutating func append(_ token: TokenID) -> String {
        if skipSpecial, tokenizer.isSpecial(token) { return "" }
        tokenizer.append(token, to: &pending)
        let whole = pending.count - UTF8Sequence.incompleteSuffix(pending)
        defer { pending.removeFirst(whole) }
        return String(decoding: pending[..<whole], as: UTF8.self)
    }

    /// The end: what was begun and never finished gives U+FFFD.
    public mutating func finish() -> String {
        defer { pending = [] }
        return String(decoding: pending, as: UTF8.self)
    }
}
