import HTTPTypes

/// A request's head, parsed and checked (RFC 9112).
package struct RequestHead: Sendable {
    /// Method, target and fields. `path` is the origin form of the target: the path and the query.
    package let request: HTTPRequest
    /// The version's minor number: 0 or 1.
    package let minorVersion: Int
    /// How the body is delimited.
    package let framing: BodyFraming
    /// Whether the connection stays open for another request after this one.
    package let keepsAlive: Bool
    /// Whether the client waits for 100 before it sends the body.
    package let expectsContinue: Bool
}
