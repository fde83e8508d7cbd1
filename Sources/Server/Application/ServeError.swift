/// Why a server cannot start.
package enum ServeError: Error, CustomStringConvertible {
    /// A model's file is not there.
    case noModelFile(id: String, path: String)

    package var description: String {
        switch self {
        case .noModelFile(let id, let path):
            "there is no model file \(path) for '\(id)'. `make model` fetches the default model; --model PATH serves another."
        }
    }
}
