/// Why nothing can be trained.
public enum TrainingError: Error, Sendable, Equatable, CustomStringConvertible {
    /// An option is outside its range.
    case badOption(String, expected: String)
    /// The data cannot be used.
    case badData(String)
    /// A loss or a parameter is not finite any more.
    case diverged(epoch: Int)

    /// One sentence.
    public var description: String {
        switch self {
        case .badOption(let name, let expected): "'\(name)' must be \(expected)"
        case .badData(let reason): reason
        case .diverged(let epoch): "training left the finite numbers in epoch \(epoch); try a smaller --learning-rate"
        }
    }
}
