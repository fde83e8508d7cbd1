import Control
import ModelFiles

/// Why the registry could not do something.
public enum ValueRegistryError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The name is not one.
    case badName(String)
    /// The bytes are not a value function.
    case refused(ValueFunctionError)
    /// The system refused an operation on a file.
    case system(ModelFileError)
    /// A stored file is no longer what it was.
    case damaged(HeadReference)

    /// Whether the upload was at fault, and not the server.
    public var isRefusal: Bool {
        switch self {
        case .badName, .refused: true
        case .system, .damaged: false
        }
    }

    /// One sentence.
    public var description: String {
        switch self {
        case .badName(let name): "\(HeadReferenceError.badName(name))"
        case .refused(let error): "\(error)"
        case .system(let error): "\(error)"
        case .damaged(let reference): "the stored file of '\(reference)' is damaged: its SHA-256 is not that of what was stored"
        }
    }
}
