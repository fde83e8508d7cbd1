/// A dense F32 matrix of fixed size, row-major, 64-byte aligned, each row padded to a whole number of cache lines.
///
/// It is a buffer with identity, owned by one thread at a time and reused from step to step.
public final class FloatMatrix {
    /// The number of rows.
    public let rows: Int
    /// The number of values in a row.
    public let columns: Int
    /// The distance between the starts of two rows, in values.
    package let stride: Int
    private let base: UnsafeMutablePointer<Float>

    /// Makes a matrix of zeros.
    ///
    /// - Parameters:
    ///   - rows: the number of rows, 0 or more.
    ///   - columns: the number of values in a row, 0 or more.
    public init(rows: Int, columns: Int) {
        self.rows = rows
        self.columns = columns
        stride = (columns + 15) / 16 * 16
        let count = max(rows * stride, 1)
        let raw = UnsafeMutableRawPointer.allocate(byteCount: count * MemoryLayout<Float>.stride, alignment: 64)
        base = raw.bindMemory(to: Float.self, capacity: count)
        base.initialize(repeating: 0, count: count)
    }

    deinit {
        base.deallocate()
    }

    /// The first value of a row, for inner loops of Compute, Transformer and Control; `columns` values follow.
    public func pointer(row: Int) -> UnsafeMutablePointer<Float> {
        precondition(row >= 0 && row < rows, "row outside the matrix")
        return base + row * stride
    }

    /// Lends a row to read.
    public func withRow<Result, Failure: Error>(_ row: Int, _ body: (Span<Float>) throws(Failure) -> Result) throws(Failure) -> Result {
        try body(UnsafeBufferPointer(start: pointer(row: row), count: columns).span)
    }

    /// Lends a row to change.
    public func withMutableRow<Result, Failure: Error>(
        _ row: Int,
        _ body: (inout MutableSpan<Float>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        var span = UnsafeMutableBufferPointer(start: pointer(row: row), count: columns).mutableSpan
        return try body(&span)
    }

    /// A copy of a row.
    public func row(_ row: Int) -> [Float] {
        Array(UnsafeBufferPointer(start: pointer(row: row), count: columns))
    }

    /// Overwrites a row with as many values as it has.
    public func setRow(_ row: Int, to values: [Float]) {
        precondition(values.count == columns, "a row of another length")
        pointer(row: row).update(from: values, count: columns)
    }

    /// Copies a row of a matrix of the same width, which may be this one.
    public func copyRow(_ row: Int, from other: FloatMatrix, row otherRow: Int) {
        precondition(other.columns == columns, "a row of another length")
        pointer(row: row).update(from: other.pointer(row: otherRow), count: columns)
    }
}
