/// The prompt as an answer with `echo` repeats it.
package struct CompletionEcho: Sendable, Equatable {
    /// The prompt's text.
    package var text: String
    /// Whether the prompt's first token is a beginning-of-sequence token that was added, and so has no part in the text.
    package var hidesFirstToken: Bool
}
