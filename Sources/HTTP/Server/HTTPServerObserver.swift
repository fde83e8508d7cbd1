/// Told what a server does, on whatever thread does it: the calls must be quick.
public protocol HTTPServerObserver: Sendable {
    /// A connection was taken.
    func connectionOpened()
    /// A connection has ended.
    func connectionClosed()
    /// An answer has ended, also one that the server gave by itself. The request's context is the task's.
    func ended(_ exchange: HTTPExchange)
}
