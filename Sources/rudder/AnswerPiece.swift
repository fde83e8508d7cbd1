/// A piece of an answer, as it comes.
struct AnswerPiece: Sendable {
    /// Text that is now certain; empty while a character is incomplete.
    let text: String
    /// The value after control of the token that completed it; nil where values are not traced.
    let value: Float?
}
