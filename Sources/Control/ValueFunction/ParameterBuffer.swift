/// Parameters at a fixed address, aligned to a cache line, which never change once they are there.
///
/// Inner loops read them by pointer, for as long as something holds the buffer.
final class ParameterBuffer: @unchecked Sendable {
    /// The first number.
    let base: UnsafePointer<Float>
    /// How many there are.
    let count: Int

    /// Makes a buffer that `fill` writes, over zeros.
    init(count: Int, fill: (UnsafeMutablePointer<Float>) -> Void) {
        let raw = UnsafeMutableRawPointer.allocate(byteCount: max(count, 1) * MemoryLayout<Float>.stride, alignment: 64)
        let values = raw.bindMemory(to: Float.self, capacity: max(count, 1))
        values.initialize(repeating: 0, count: max(count, 1))
        fill(values)
        base = UnsafePointer(values)
        self.count = count
    }

    convenience init(_ values: [Float]) {
        self.init(count: values.count) { $0.update(from: values, count: values.count) }
    }

    deinit {
        base.deallocate()
    }

    /// The parameters, to copy or write out.
    var values: UnsafeBufferPointer<Float> {
        UnsafeBufferPointer(start: base, count: count)
    }

    /// The memory it takes.
    var byteCount: Int {
        count * MemoryLayout<Float>.stride
    }
}
