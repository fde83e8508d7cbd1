/// A response's body.
public enum ResponseBody: Sendable {
    /// Bytes that are ready.
    case bytes([UInt8])
    /// Bytes that are written while they are made: in chunks to HTTP/1.1 clients, else until the connection's end. If the closure throws, the
    /// connection is closed without the body's end, so that the client sees it is not whole.
    case stream(@Sendable (ResponseWriter) async throws -> Void)
}
