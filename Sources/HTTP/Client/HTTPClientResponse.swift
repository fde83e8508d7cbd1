import HTTPTypes

/// An answer, whole.
public struct HTTPClientResponse: Sendable {
    /// The status.
    public let status: HTTPResponse.Status
    /// The fields.
    public let fields: HTTPFields
    /// The body, its chunks put together.
    public let body: [UInt8]
}
