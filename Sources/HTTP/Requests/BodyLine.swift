/// One line of a request's body.
public struct BodyLine: Sendable, Equatable {
    /// Which line it is, counted from 1; empty lines count, too.
    public let number: Int
    /// The line without its end; nil where it is longer than was allowed, and was passed over.
    public let bytes: [UInt8]?
}
