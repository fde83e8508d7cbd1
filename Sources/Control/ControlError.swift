/// Why heads cannot steer together.
public enum ControlError: Error, Sendable, Equatable, CustomStringConvertible {
    /// No head was given.
    case noHeads
    /// Two heads read states of different widths.
    case mixedHiddenSizes([Int])
    /// A weight is not finite.
    case badWeight(head: String)
    /// A setting is outside its range.
    case settings(ControlSettingsError)

    /// One sentence.
    public var description: String {
        switch self {
        case .noHeads: "no head was named"
        case .mixedHiddenSizes(let sizes): "the heads read states of different widths: \(sizes.map(String.init).joined(separator: ", "))"
        case .badWeight(let head): "the weight of head '\(head)' is not finite"
        case .settings(let error): "\(error)"
        }
    }
}
