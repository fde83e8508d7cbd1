import ModelFiles

/// Why a text names no head.
public enum HeadReferenceError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The name is not one.
    case badName(String)
    /// The version is not a number from 1 on.
    case badVersion(String)

    /// One sentence.
    public var description: String {
        switch self {
        case .badName(let name):
            "'\(name.word)' is not a head's name; expected a letter or digit, then up to 63 letters, digits, dots, underscores or hyphens"
        case .badVersion(let version): "'\(version.word)' is not a version; expected a whole number from 1 on"
        }
    }
}
