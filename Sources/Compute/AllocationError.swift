/// The system refused memory.
public struct AllocationError: Error, Sendable, Equatable, CustomStringConvertible {
    /// How many bytes were asked for.
    public let byteCount: Int

    /// Records the size that was refused.
    public init(byteCount: Int) {
        self.byteCount = byteCount
    }

    /// One sentence: what was wrong, and what was expected.
    public var description: String {
        "the system refused \(byteCount) bytes of memory"
    }
}
