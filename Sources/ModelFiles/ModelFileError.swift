/// Why a model file cannot be read or written.
public enum ModelFileError: Error, Sendable, Equatable, CustomStringConvertible {
    /// There is no such file or folder.
    case missingFile(path: String, operation: String)
    /// The system refused an operation on a file.
    case system(path: String, operation: String, reason: String)
    /// The file is not of the format it should have.
    case badFormat(String)
    /// The file ends before something that it announced.
    case truncated(what: String, offset: Int)
    /// A count, length or size is larger than the file could hold, or than is ever read.
    case tooLarge(what: String, value: UInt64, limit: UInt64)
    /// A key or tensor appears twice.
    case duplicate(what: String, name: String)
    /// A metadata key holds another type than asked for.
    case wrongType(key: String, found: String, expected: String)
    /// A tensor is stored in a type that is not supported.
    case unsupportedType(tensor: String, type: String, supported: String)
    /// A tensor's shape, size or place is impossible.
    case badTensor(name: String, reason: String)
    /// No tensor has that name.
    case missingTensor(String)
    /// Something is wrong with one of a model's files.
    indirect case part(path: String, ModelFileError)

    /// One sentence: what was wrong, where, and what was expected.
    public var description: String {
        switch self {
        case .missingFile(let path, let operation):
            "cannot \(operation) \(path.quoted): there is no such file or folder"
        case .system(let path, let operation, let reason):
            "cannot \(operation) \(path.quoted): \(reason)"
        case .badFormat(let reason):
            reason
        case .truncated(let what, let offset):
            "the file ends at byte \(offset), inside \(what)"
        case .tooLarge(let what, let value, let limit):
            "\(what) is \(value); at most \(limit) is possible here"
        case .duplicate(let what, let name):
            "\(what) \(name.quoted) appears twice"
        case .wrongType(let key, let found, let expected):
            "metadata key \(key.quoted) is of type \(found); expected \(expected)"
        case .unsupportedType(let tensor, let type, let supported):
            "tensor \(tensor.quoted) has type \(type), which is not supported; expected one of: \(supported)"
        case .badTensor(let name, let reason):
            "tensor \(name.quoted) \(reason)"
        case .missingTensor(let name):
            "there is no tensor \(name.quoted)"
        case .part(let path, let error):
            "\(path.quoted): \(error)"
        }
    }

    /// Whether the system refused to write: then it is the place that is wrong, or full, and not what is in the file.
    package var isOfWriting: Bool {
        switch self {
        case .missingFile(_, let operation), .system(_, let operation, _):
            ["create", "write", "sync", "shorten", "rename a file to", "open to write", "make the folder", "make the directory"]
                .contains(operation)
        case .part(_, let error): error.isOfWriting
        default: false
        }
    }

    /// The same of the file that its user knows, where it was about another one that stood in for it.
    func naming(_ path: String, insteadOf other: String) -> ModelFileError {
        switch self {
        case .missingFile(other, let operation): .missingFile(path: path, operation: operation)
        case .system(other, let operation, let reason): .system(path: path, operation: operation, reason: reason)
        default: self
        }
    }
}
