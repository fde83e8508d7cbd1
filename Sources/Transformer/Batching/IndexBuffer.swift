/// A copy of a list of numbers at an address that stays until the next copy; grows, never shrinks.
final class IndexBuffer {
    private var memory = UnsafeMutableBufferPointer<Int32>.allocate(capacity: 1024)

    deinit {
        memory.deallocate()
    }

    /// The first number.
    var base: UnsafeMutablePointer<Int32> {
        memory.baseAddress.unsafelyUnwrapped
    }

    /// Takes a list.
    func fill(_ values: [Int32]) {
        if values.count > memory.count {
            memory.deallocate()
            memory = .allocate(capacity: 2 * values.count)
        }
        base.update(from: values, count: values.count)
    }
}
