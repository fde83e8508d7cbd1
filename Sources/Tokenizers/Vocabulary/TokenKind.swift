/// What a token is for, by its number in GGUF's `tokenizer.ggml.token_type`.
package enum TokenKind: Int, Sendable {
    case normal = 1
    case unknown = 2
    /// Structure, such as the start of a message: no text of the answer.
    case control = 3
    /// Text that is always one token.
    case userDefined = 4
    case unused = 5
    /// One byte, written `<0x0A>`.
    case byte = 6

    /// Whether text can become such a token by merges.
    var isText: Bool {
        self == .normal || self == .unused || self == .userDefined
    }
}
