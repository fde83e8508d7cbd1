import ModelFiles

/// Where in a model hidden states are read and moved.
public enum HiddenStateSite: Sendable, Hashable, CustomStringConvertible {
    /// `final_norm`: after the last norm, before the output matrix. RE-Control's site (arXiv:2406.05954, section 4).
    case finalNorm
    /// `layer.N`: the residual stream behind block N, counted from 0.
    case layer(Int)

    /// Reads a name; nil where it is none. A number has no leading zeros: a site has one name.
    public init?(_ name: String) {
        let name = name.word
        if name == "final_norm" {
            self = .finalNorm
            return
        }
        let digits = name.dropFirst(Self.layerPrefix.count)
        guard name.hasPrefix(Self.layerPrefix), (1...4).contains(digits.utf8.count), digits.utf8.allSatisfy({ (48...57).contains($0) }),
            digits == "0" || digits.first != "0", let number = Int(digits)
        else { return nil }
        self = .layer(number)
    }

    /// The name.
    public var description: String {
        switch self {
        case .finalNorm: "final_norm"
        case .layer(let number): "\(Self.layerPrefix)\(number)"
        }
    }

    /// Whether a model of so many blocks has it.
    public func exists(layerCount: Int) -> Bool {
        switch self {
        case .finalNorm: true
        case .layer(let number): (0..<max(layerCount, 0)).contains(number)
        }
    }

    /// What names there are, for errors.
    public static let expected = "'final_norm' or 'layer.N', N counting the model's blocks from 0"
    private static let layerPrefix = "layer."
}
