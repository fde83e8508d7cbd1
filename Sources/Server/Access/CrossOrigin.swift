import HTTP
import HTTPTypes

/// Answers browsers that ask what a page of another origin may do, and says so in every other answer to one: Access-Control-* fields, where origins are
/// configured.
package struct CrossOrigin: HTTPHandler {
    private let handler: any HTTPHandler
    private let policy: @Sendable () -> OriginPolicy

    /// How long a browser may keep the answer to its question, in seconds.
    private static let keptSeconds = 600
    private static let methods = "GET, HEAD, POST, PUT, DELETE"

    /// - Parameters:
    ///   - handler: What answers requests.
    ///   - policy: Which origins are permitted now.
    package init(_ handler: any HTTPHandler, policy: @escaping @Sendable () -> OriginPolicy) {
        self.handler = handler
        self.policy = policy
    }

    package func respond(to request: ServerRequest) async throws -> ServerResponse {
        let policy = policy()
        if policy.refuses(request.head) {
            return ServerResponse(
                APIError.forbidden(
                    "A page of another site (\(request.head.headerFields[.origin] ?? "of no named origin")) may not use this server; "
                        + "access.origins in its configuration names those that may.",
                    code: "origin_not_allowed"
                )
            )
        }
        guard let origin = request.head.headerFields[.origin], !OriginPolicy.isOwn(origin, request.head), policy.permits(origin) else {
            return try await handler.respond(to: request)
        }
        if request.head.method == .options, request.head.headerFields[.accessControlRequestMethod] != nil {
            var fields = permission(origin)
            fields[.accessControlAllowMethods] = Self.methods
            fields[.accessControlAllowHeaders] = request.head.headerFields[.accessControlRequestHeaders]
            fields[.accessControlMaxAge] = String(Self.keptSeconds)
            return ServerResponse(status: .noContent, fields: fields)
        }
        var response = try await handler.respond(to: request)
        response.fields.append(contentsOf: permission(origin))
        response.fields[.accessControlExposeHeaders] =
            (["X-Request-Id", "Retry-After", "retry-after-ms", "x-should-retry"] + RateLimits.names).joined(separator: ", ")
        return response
    }

    private func permission(_ origin: String) -> HTTPFields {
        [.accessControlAllowOrigin: origin, .vary: "Origin, Access-Control-Request-Headers"]
    }
}
