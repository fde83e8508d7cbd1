import Control

/// One version of a head, ready to steer. Whoever holds it keeps it, whatever becomes of the file.
public struct RegisteredHead: Sendable {
    /// What is known of it.
    public let description: HeadDescription
    /// The value function.
    public let valueFunction: ValueFunction
    /// Where its file is.
    let path: String
}
