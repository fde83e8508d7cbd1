import HTTPTypes

/// Why a request's body could not be read.
public enum RequestBodyError: Error, Sendable, Equatable, CustomStringConvertible {
    /// It is longer than allowed, as sent or as unpacked.
    case tooLarge(limit: Int)
    /// Its chunks are not chunks.
    case malformed(String)
    /// It is said to be gzip, and is not.
    case badCompression
    /// It is packed in a way that is not known.
    case unsupportedEncoding(String)
    /// It did not come in time.
    case timedOut
    /// The client went away before it ended.
    case disconnected

    /// The status that tells a client.
    public var status: HTTPResponse.Status {
        switch self {
        case .tooLarge: .contentTooLarge
        case .malformed, .badCompression, .disconnected: .badRequest
        case .unsupportedEncoding: .unsupportedMediaType
        case .timedOut: .requestTimeout
        }
    }

    /// One sentence.
    public var description: String {
        switch self {
        case .tooLarge(let limit): "the body is larger than \(limit) bytes"
        case .malformed(let reason): "the body is not chunked as it says: \(reason)"
        case .badCompression: "the body is not valid gzip"
        case .unsupportedEncoding(let name): "Content-Encoding '\(name)' is not supported; expected gzip or identity"
        case .timedOut: "the body did not arrive in time"
        case .disconnected: "the client went away before the body ended"
        }
    }
}
