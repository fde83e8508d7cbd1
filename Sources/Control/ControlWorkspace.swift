/// Scratch memory of control, reused from token to token. Owned by one thread at a time.
public final class ControlWorkspace {
    private var memory: UnsafeMutableBufferPointer<Float>
    private var used = 0

    /// Makes an empty workspace; it grows to what the largest controller needs.
    public init() {
        memory = .allocate(capacity: 1)
        memory.initialize(repeating: 0)
    }

    deinit {
        memory.deallocate()
    }

    /// Starts over with room for `count` numbers, and lends them out from the first.
    func begin(capacity count: Int) {
        used = 0
        guard count > memory.count else { return }
        memory.deallocate()
        memory = .allocate(capacity: count)
        memory.initialize(repeating: 0)
    }

    /// The next `count` numbers; what they hold is left over from before.
    func take(_ count: Int) -> UnsafeMutablePointer<Float> {
        precondition(used + count <= memory.count, "the workspace is too small")
        defer { used += count }
        return memory.baseAddress.unsafelyUnwrapped + used
    }
}
