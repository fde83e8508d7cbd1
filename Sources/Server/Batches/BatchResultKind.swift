/// The two files that a batch's results are in.
enum BatchResultKind: String, Sendable, CaseIterable {
    /// Answers.
    case output
    /// Answers that are errors.
    case error
}
