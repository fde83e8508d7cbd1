import HTTPTypes

/// Finds a request's route: the first whose path matches and whose method is the request's. No path: 404. No method: 405 with Allow.
public struct Router: HTTPHandler {
    private let routes: [Route]

    /// Makes a router of routes in order.
    public init(_ routes: [Route]) {
        self.routes = routes
    }

    /// Answers by the request's route.
    public func respond(to request: ServerRequest) async throws -> ServerResponse {
        let method = request.head.method
        var allowed: [HTTPRequest.Method] = []
        let segments = RoutePattern.segments(of: request.path)
        for route in routes {
            guard let parameters = route.pattern.match(segments) else { continue }
            if route.method == method || (method == .head && route.method == .get) {
                request.context.route = route.pattern.text
                var request = request
                request.parameters = parameters
                return try await route.handler(request)
            }
            if allowed.isEmpty { request.context.route = route.pattern.text }
            if !allowed.contains(route.method) { allowed.append(route.method) }
        }
        if allowed.contains(.get) { allowed.append(.head) }
        if method == .options, request.path == "*" || !allowed.isEmpty {
            allowed = request.path == "*" ? [.get, .head, .post, .put, .delete] : allowed
            return ServerResponse(status: .noContent, fields: [.allow: (allowed + [.options]).map(\.rawValue).joined(separator: ", ")])
        }
        guard !allowed.isEmpty else { throw RouteError.notFound }
        throw RouteError.methodNotAllowed(allowed.map(\.rawValue).joined(separator: ", "))
    }
}
