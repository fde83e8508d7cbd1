import HTTPTypes

/// A request's head, parsed and checked (RFC 9112).
struct RequestHead: Sendable {
    /// Method, target and fields. `path` is the origin form of the target: the path and the query.
    let request: HTTPRequest
    /// The version's minor number: 0 or 1.
    let minorVersion: Int
    /// How the body is delimited.
    let framing: BodyFraming
    /// Whether the connection stays open for another request after this one.
    let keepsAlive: Bool
    /// Whether the client waits for 100 before it sends the body.
    let expectsContinue: Bool
}

/// How a request's body is delimited (RFC 9112 section 6.3).
enum BodyFraming: Sendable, Equatable {
    case none
    case length(Int)
    case chunked
}
