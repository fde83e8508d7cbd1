import Transformer

/// Why a server, or a command that runs a model, cannot start.
package enum ServeError: Error, CustomStringConvertible {
    /// A model's file is not there.
    case noModelFile(id: String, path: String)
    /// A model's files are there, and cannot be used.
    case cannotLoad(id: String, path: String, any Error)

    package var description: String {
        switch self {
        case .noModelFile(let id, let path):
            "there is no model file \(path) for '\(id)'; `make model` fetches the default model, --model PATH names another"
        case .cannotLoad(let id, let path, let error):
            "cannot load the model '\(id)' from \(path): \(error); " + Self.nextStep(error, path: path)
        }
    }

    private static func nextStep(_ error: any Error, path: String) -> String {
        switch error {
        case ModelError.unsupportedArchitecture: "Docs/models.md lists what runs, --model names another"
        case ModelError.memory: "--quantize q8_0 or q4_0 makes floating-point weights smaller, --model names another"
        default: "--model takes a GGUF file or a Hugging Face folder, and `rudder model verify \(path)` checks one whole"
        }
    }
}
