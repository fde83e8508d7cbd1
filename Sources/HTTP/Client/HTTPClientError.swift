/// Why a request of ``HTTPClient`` got no answer.
public enum HTTPClientError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The URL is none that can be asked.
    case badURL(String)
    /// The server cannot be reached, or the connection broke.
    case system(operation: String, address: String, reason: String)
    /// No secure connection came about, or it did not end as one must.
    case tls(address: String, reason: String)
    /// What came back is not HTTP, or longer than is read.
    case badResponse(String)
    /// The answer was not whole when the time that the client gives an exchange was over.
    case timeout(address: String, seconds: Double)
    /// The task that asked was cancelled before the answer was whole.
    case cancelled

    /// One sentence.
    public var description: String {
        switch self {
        case .badURL(let url): "'\(url)' is not an http or https URL with a host"
        case .system(let operation, let address, let reason): "cannot \(operation) \(address): \(reason)"
        case .tls(let address, let reason): "no secure connection to \(address): \(reason)"
        case .badResponse(let reason): "the server's answer cannot be read: \(reason)"
        case .timeout(let address, let seconds):
            seconds > 0
                ? "no whole answer from \(address) came within \(Self.text(seconds)) s"
                : "the request to \(address) has a time-out of \(Self.text(seconds)) s, which is not above zero"
        case .cancelled: "the request was cancelled"
        }
    }

    /// A number as people write it: whole ones without a fraction.
    private static func text(_ seconds: Double) -> String {
        Int(exactly: seconds).map { "\($0)" } ?? "\(seconds)"
    }
}
