/// Scratch memory of control, reused from token to token. Owned by one thread at a time.
public final class ControlWorkspace {
    private var base: UnsafeMutablePointer<Float>
    private var capacity: Int

    /// Makes an empty workspace; it grows once, to what the largest controller needs.
    public init() {
        capacity = 16
        base = ControlWorkspace.allocate(capacity)
    }

    deinit {
        base.deallocate()
    }

    /// Lends room for `count` numbers, from a multiple of 64 bytes; what they hold is left over from before.
    func lend(_ count: Int) -> UnsafeMutablePointer<Float> {
        if count > capacity {
            base.deallocate()
            capacity = count
            base = ControlWorkspace.allocate(count)
        }
        return base
    }

    private static func allocate(_ count: Int) -> UnsafeMutablePointer<Float> {
        let raw = UnsafeMutableRawPointer.allocate(byteCount: count * MemoryLayout<Float>.stride, alignment: 64)
        let numbers = raw.bindMemory(to: Float.self, capacity: count)
        numbers.initialize(repeating: 0, count: count)
        return numbers
    }
}

/// A count of numbers, rounded up to whole cache lines.
func paddedToCacheLine(_ count: Int) -> Int {
    (count + 15) / 16 * 16
}
