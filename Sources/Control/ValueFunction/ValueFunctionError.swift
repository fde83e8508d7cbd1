import ModelFiles

/// Why a file is not a value function.
public enum ValueFunctionError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file is not sound safetensors.
    case file(ModelFileError)
    /// A tensor that a value function of that many layers has is absent.
    case missingTensor(String)
    /// The file holds a tensor that no value function has.
    case unknownTensor(String)
    /// A tensor has another shape than its neighbours want.
    case badShape(tensor: String, found: [Int], expected: String)
    /// A tensor is of a type other than F32, F16 and BF16.
    case badType(tensor: String, found: String)
    /// A number is infinite or none.
    case notFinite(tensor: String, index: Int)
    /// A metadata key holds what it cannot.
    case badMetadata(key: String, found: String, expected: String)
    /// A checkpoint has the first layers of several value functions.
    case severalValueFunctions([String])

    /// One sentence: what was wrong, where, and what was expected.
    public var description: String {
        switch self {
        case .file(let error):
            "\(error)"
        case .missingTensor(let name):
            "tensor '\(name)' is missing; expected fc1.weight, fc1.bias and so on, the last layer of one output"
        case .unknownTensor(let name):
            "tensor '\(name)' is not part of a value function; expected only fc1.weight, fc1.bias and so on"
        case .badShape(let tensor, let found, let expected):
            "tensor '\(tensor)' has shape \(found); expected \(expected)"
        case .badType(let tensor, let found):
            "tensor '\(tensor)' has type \(found); expected F32, F16 or BF16"
        case .notFinite(let tensor, let index):
            "tensor '\(tensor)' holds a number that is not finite, at index \(index)"
        case .badMetadata(let key, let found, let expected):
            "metadata key '\(key)' is '\(found)'; expected \(expected)"
        case .severalValueFunctions(let tensors):
            "there are the first layers of several value functions (\(tensors.joined(separator: ", "))); expected one"
        }
    }
}
