import Logging

/// What a connection needs of its server.
struct ConnectionContext: Sendable {
    let configuration: HTTPServerConfiguration
    let handler: any HTTPHandler
    let observers: [any HTTPServerObserver]
    let logger: Logger
    /// Whether the server listens on a loopback address.
    let isLoopback: Bool
}
