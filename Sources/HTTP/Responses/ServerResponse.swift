import HTTPTypes

/// An answer.
public struct ServerResponse: Sendable {
    /// The status.
    public var status: HTTPResponse.Status
    /// The fields. Content-Length, Transfer-Encoding, Connection and Date are the server's to add.
    public var fields: HTTPFields
    /// The body. Left out where the method or the status has none.
    public var body: ResponseBody

    /// Makes an answer.
    public init(status: HTTPResponse.Status, fields: HTTPFields = [:], body: ResponseBody = .bytes([])) {
        self.status = status
        self.fields = fields
        self.body = body
    }
}
