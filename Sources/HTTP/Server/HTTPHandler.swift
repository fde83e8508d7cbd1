/// Answers requests.
public protocol HTTPHandler: Sendable {
    /// Answers one request.
    ///
    /// The task that calls this is cancelled as soon as the client goes away, and when the server's ``HTTPServerConfiguration/requestTimeout`` is over. An error that is thrown is answered by the server: a
    /// ``RequestBodyError`` with its status, anything else with 500.
    func respond(to request: ServerRequest) async throws -> ServerResponse
}
