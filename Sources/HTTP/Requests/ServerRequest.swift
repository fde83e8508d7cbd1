import HTTPTypes

/// A request as a handler sees it.
public struct ServerRequest: Sendable {
    /// Method, authority, target and fields.
    public let head: HTTPRequest
    /// The path, percent-encoded as it came, without the query.
    public let path: String
    /// The query's items, percent-decoded, in order.
    public let query: [QueryItem]
    /// What stands in the path where the route has `{name}`, percent-decoded.
    public var parameters: [String: String] = [:]
    /// Its id, and what is noted of it.
    public let context: RequestContext
    /// Who sent it.
    public let remoteAddress: SocketAddress
    /// Whether the server listens on a loopback address.
    public let isLoopback: Bool
    /// The subject of the certificate by which the client proved who it is, signed by one of the configured authorities; nil where it did not.
    public let clientCertificate: String?
    /// The body, not read yet.
    public let body: RequestBody

    /// Puts a request together; nil where the path or the query is not percent-encoded UTF-8.
    init?(
        head: HTTPRequest,
        context: RequestContext,
        remoteAddress: SocketAddress,
        isLoopback: Bool,
        clientCertificate: String?,
        body: RequestBody
    ) {
        let target = head.path ?? "/"
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard let path = parts.first.map(String.init), PercentDecoding.decode(path) != nil else { return nil }
        var query: [QueryItem] = []
        for item in parts.count > 1 ? parts[1].split(separator: "&") : [] {
            let pair = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentDecoding.decode(pair[0], plusIsSpace: true) else { return nil }
            var value: String?
            if pair.count > 1 {
                guard let decoded = PercentDecoding.decode(pair[1], plusIsSpace: true) else { return nil }
                value = decoded
            }
            query.append(QueryItem(name: name, value: value))
        }
        self.head = head
        self.context = context
        self.path = path
        self.query = query
        self.remoteAddress = remoteAddress
        self.isLoopback = isLoopback
        self.clientCertificate = clientCertificate
        self.body = body
    }
}
