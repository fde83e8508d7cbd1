/// Why a running generation failed.
public enum GenerationError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The model's output is not finite.
    case modelNotFinite(position: Int)
    /// A value function made the state infinite or not a number.
    case controlNotFinite(heads: [String], position: Int)
    /// A state that was to be reported has a number that half precision cannot hold.
    case stateTooLarge(site: String, position: Int)
    /// A constraint left no token to choose.
    case noAllowedToken
    /// The worker that ran it failed and was started anew.
    case workerFailed(model: String, reason: String)
    /// The reader took events more slowly than its time-out allows.
    case readerTooSlow
    /// The workers were stopped.
    case stopped

    /// One sentence.
    public var description: String {
        switch self {
        case .modelNotFinite(let position):
            "the model's logits at position \(position) are not finite"
        case .controlNotFinite(let heads, let position):
            "control by \(heads.joined(separator: ", ")) left the finite numbers at position \(position); try a smaller step_size, or a max_norm"
        case .stateTooLarge(let site, let position):
            "the state of the site '\(site)' at position \(position) has a number above 65504, the largest that half precision holds"
        case .noAllowedToken:
            "no token of the model can go on with the text that was asked for"
        case .workerFailed(let model, let reason):
            "a worker of model '\(model)' failed: \(reason)"
        case .readerTooSlow:
            "the reader was too slow"
        case .stopped:
            "the server was stopped"
        }
    }
}
