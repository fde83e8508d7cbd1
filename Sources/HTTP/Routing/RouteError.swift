import HTTPTypes

/// Why a request has no route.
public enum RouteError: Error, Sendable, Equatable, CustomStringConvertible {
    /// No route has the path.
    case notFound
    /// The path's routes have other methods: the value of Allow.
    case methodNotAllowed(String)

    /// The status that tells a client.
    public var status: HTTPResponse.Status {
        switch self {
        case .notFound: .notFound
        case .methodNotAllowed: .methodNotAllowed
        }
    }

    /// One sentence.
    public var description: String {
        switch self {
        case .notFound: "there is nothing at this path"
        case .methodNotAllowed(let allowed): "this path answers \(allowed) only"
        }
    }
}
