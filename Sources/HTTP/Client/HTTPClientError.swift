/// Why a request of ``HTTPClient`` got no answer.
public enum HTTPClientError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The URL is none that can be asked.
    case badURL(String)
    /// The server cannot be reached, or the connection broke.
    case system(operation: String, address: String, reason: String)
    /// No secure connection came about, or it did not end as one must.
    case tls(address: String, reason: String)
    /// What came back is not HTTP.
    case badResponse(String)

    /// One sentence.
    public var description: String {
        switch self {
        case .badURL(let url): "'\(url)' is not an http or https URL with a host"
        case .system(let operation, let address, let reason): "cannot \(operation) \(address): \(reason)"
        case .tls(let address, let reason): "no secure connection to \(address): \(reason)"
        case .badResponse(let reason): "the server's answer is not HTTP: \(reason)"
        }
    }
}
