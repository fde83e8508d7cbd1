import HTTPTypes

/// A method and a path, and what answers them.
public struct Route: Sendable {
    /// Answers a request of the route.
    public typealias Handler = @Sendable (ServerRequest) async throws -> ServerResponse

    /// The method.
    public let method: HTTPRequest.Method
    /// The path as it was written, in which `{name}` stands for a segment.
    public var path: String { pattern.text }
    let pattern: RoutePattern
    let handler: Handler

    /// Makes a route.
    ///
    /// - Parameters:
    ///   - method: the method; HEAD is answered by GET routes.
    ///   - path: the path, in which `{name}` stands for a segment.
    ///   - handler: what answers.
    public init(_ method: HTTPRequest.Method, _ path: String, handler: @escaping Handler) {
        self.method = method
        pattern = RoutePattern(path)
        self.handler = handler
    }

    private init(_ method: HTTPRequest.Method, _ pattern: RoutePattern, handler: @escaping Handler) {
        self.method = method
        self.pattern = pattern
        self.handler = handler
    }

    /// The same route, answered by what is made of its handler: a check before it, a field more behind it.
    public func wrapped(_ wrap: (@escaping Handler) -> Handler) -> Route {
        Route(method, pattern, handler: wrap(handler))
    }
}
