/// Why a body can no longer be written.
public enum ResponseWriterError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The client went away, or took nothing for longer than the write time-out.
    case disconnected

    /// One sentence.
    public var description: String {
        "the client went away"
    }
}
