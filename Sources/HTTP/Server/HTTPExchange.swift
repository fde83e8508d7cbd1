import HTTPTypes

/// A request and what became of it, told when the answer has ended.
public struct HTTPExchange: Sendable {
    /// The request's id, and what handlers noted.
    public let context: RequestContext
    /// Whoever asked: the peer, which may be a proxy.
    public let remoteAddress: SocketAddress
    /// The method; nil where what came was no request.
    public let method: HTTPRequest.Method?
    /// The path, percent-encoded as it came, without the query; nil where what came was no request.
    public let path: String?
    /// The answer's status; nil where the client went away before there was one.
    public let status: HTTPResponse.Status?
    /// How many bytes of the body were written, chunk sizes not counted.
    public let bodyBytes: Int
    /// Whether all of the answer was written.
    public let isWhole: Bool
    /// The time from the end of the request's head to the end of the answer.
    public let duration: Duration
}
