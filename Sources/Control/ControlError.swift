/// Why heads cannot steer together.
public enum ControlError: Error, Sendable, Equatable, CustomStringConvertible {
    /// No head was given.
    case noHeads
    /// Two heads read states of different widths.
    case mixedHiddenSizes([Int])
    /// Two heads read states of different sites.
    case mixedSites([String])
    /// A weight is not finite.
    case badWeight(head: String)
    /// A setting is outside its range.
    case settings(ControlSettingsError)

    /// One sentence.
    public var description: String {
        switch self {
        case .noHeads: "no head was named"
        case .mixedHiddenSizes(let sizes): "the heads read states of different widths: \(sizes.map(String.init).joined(separator: ", "))"
        case .mixedSites(let sites): "the heads are for different sites: \(sites.joined(separator: ", "))"
        case .badWeight(let head): "the weight of head '\(head)' is not finite"
        case .settings(let error): "\(error)"
        }
    }
}
