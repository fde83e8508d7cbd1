import ModelFiles

/// Why a file is not a model that can be run.
public enum ModelError: Error, Sendable, CustomStringConvertible {
    /// The file itself is damaged or lacks a tensor.
    case file(ModelFileError)
    /// The architecture is none that is built in.
    case unsupportedArchitecture(String, supported: [String])
    /// A metadata key is absent.
    case missingKey(String)
    /// A metadata key holds what the model cannot have.
    case badKey(String, found: String, expected: String)
    /// A tensor has another shape than the metadata says.
    case badShape(tensor: String, found: [Int], expected: [Int])
    /// A tensor is stored in a type that its place cannot use.
    case badType(tensor: String, found: TensorType, expected: String)
    /// The file holds a tensor that the architecture has no place for: running without it would compute something else.
    case unknownTensor(String, architecture: String)
    /// A tensor holds a number that is none, or infinite.
    case notFinite(tensor: String)
    /// The machine refused the memory.
    case memory(byteCount: Int)

    /// The same, with keys and tensors called what the model's own files call them.
    func named(by source: any ModelSource) -> ModelError {
        switch self {
        case .file(.missingTensor(let name)): .file(.missingTensor(source.ownName(of: name)))
        case .file(.wrongType(let key, let found, let expected)):
            .file(.wrongType(key: source.ownName(of: key), found: found, expected: expected))
        case .missingKey(let key): .missingKey(source.ownName(of: key))
        case .badKey(let key, let found, let expected): .badKey(source.ownName(of: key), found: found, expected: expected)
        case .badShape(let tensor, let found, let expected): .badShape(tensor: source.ownName(of: tensor), found: found, expected: expected)
        case .badType(let tensor, let found, let expected): .badType(tensor: source.ownName(of: tensor), found: found, expected: expected)
        case .unknownTensor(let tensor, let architecture): .unknownTensor(source.ownName(of: tensor), architecture: architecture)
        case .notFinite(let tensor): .notFinite(tensor: source.ownName(of: tensor))
        case .file, .unsupportedArchitecture, .memory: self
        }
    }

    /// One sentence: what was wrong, where, and what was expected.
    public var description: String {
        switch self {
        case .file(let error):
            "\(error)"
        case .unsupportedArchitecture(let name, let supported):
            "architecture '\(name)' is not supported; expected one of: \(supported.joined(separator: ", "))"
        case .missingKey(let key):
            "metadata key '\(key)' is missing"
        case .badKey(let key, let found, let expected):
            "metadata key '\(key)' is \(found); expected \(expected)"
        case .badShape(let tensor, let found, let expected):
            "tensor '\(tensor)' has shape \(found); expected \(expected)"
        case .badType(let tensor, let found, let expected):
            "tensor '\(tensor)' has type \(found.rawValue); expected \(expected)"
        case .unknownTensor(let tensor, let architecture):
            "tensor '\(tensor)' has no place in the '\(architecture)' architecture as it is built here"
        case .notFinite(let tensor):
            "tensor '\(tensor)' holds a number that is not finite"
        case .memory(let byteCount):
            "the system refused \(byteCount) bytes of memory"
        }
    }
}
