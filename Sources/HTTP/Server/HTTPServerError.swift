/// Why a server could not start.
public enum HTTPServerError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The host's name has no address.
    case unknownHost(String, reason: String)
    /// The port is not one.
    case badPort(Int)
    /// The system refused.
    case system(operation: String, address: String, reason: String)
    /// The certificate or the key cannot be used.
    case tls(TLSError)
    /// The server was started before.
    case alreadyStarted

    /// One sentence.
    public var description: String {
        switch self {
        case .unknownHost(let host, let reason): "cannot listen on '\(host)': \(reason)"
        case .badPort(let port): "\(port) is not a port; expected 0 to 65535"
        case .system(let operation, let address, let reason): "cannot \(operation) \(address): \(reason)"
        case .tls(let error): "\(error)"
        case .alreadyStarted: "the server was started already"
        }
    }
}
