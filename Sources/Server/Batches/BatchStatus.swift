/// Where a batch is, in OpenAI's words.
package enum BatchStatus: String, Sendable {
    /// Its input is being read for the first time, or waits for it.
    case validating
    /// Its input is no list of requests.
    case failed
    /// Its requests are being answered.
    case inProgress = "in_progress"
    /// All are answered, and the results become files.
    case finalizing
    case completed
    /// It was cancelled, and what is answered becomes files.
    case cancelling
    case cancelled

    /// Whether nothing follows.
    package var isFinal: Bool {
        switch self {
        case .failed, .completed, .cancelled: true
        case .validating, .inProgress, .finalizing, .cancelling: false
        }
    }
}
