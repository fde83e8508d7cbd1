import HTTP

/// Routes that belong together.
package protocol RouteGroup: Sendable {
    /// The routes, as values.
    var routes: [Route] { get }
}
