import CKernels
import ModelFiles

/// Rows of numbers at a fixed address, one behind the other: a dense matrix as value functions keep it, for inner loops of Control.
///
/// Products are summed in one fixed order in F32: a row's depends on the row and the vector alone. The address must stay valid; pointers must
/// hold as many values as the sizes say.
public struct FloatRows: @unchecked Sendable {
    /// How many rows there are.
    public let count: Int
    /// How many numbers a row has.
    public let columns: Int
    private let data: UnsafePointer<UInt8>
    private let type: TensorType

    /// Describes rows.
    ///
    /// - Parameters:
    ///   - data: the first number.
    ///   - type: F32, F16 or BF16.
    ///   - count: how many rows there are, 0 or more.
    ///   - columns: how many numbers a row has, 0 or more.
    public init(_ data: UnsafeRawPointer, type: TensorType, count: Int, columns: Int) {
        precondition([.f32, .f16, .bf16].contains(type) && count >= 0 && columns >= 0, "no rows of numbers")
        self.data = data.assumingMemoryBound(to: UInt8.self)
        self.type = type
        self.count = count
        self.columns = columns
    }

    /// The size of a row in bytes.
    public var rowBytes: Int {
        columns * (type == .f32 ? 4 : 2)
    }

    /// Some of the rows.
    public subscript(rows: Range<Int>) -> FloatRows {
        precondition(rows.lowerBound >= 0 && rows.upperBound <= count, "rows that are not there")
        return FloatRows(data + rows.lowerBound * rowBytes, type: type, count: rows.count, columns: columns)
    }

    /// Asks for a row that will soon be read, so that several come from memory side by side.
    @inline(__always)
    public func prefetch(row: Int) {
        rudder_prefetch(data + row * rowBytes, Int64(rowBytes))
    }

    /// y = W x
    @inline(__always)
    public func multiply(_ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>) {
        multiply(x, into: y, kernels: .best)
    }

    /// y += Wᵀ c: the rows weighted by c, from the first to the last. Rows whose weight is 0 are left out.
    @inline(__always)
    public func addTransposed(_ c: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>) {
        addTransposed(c, to: y, kernels: .best)
    }

    package func multiply(_ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, kernels: KernelSet) {
        var rows = table
        kernels.table.multiply_rows(&rows, x, y)
    }

    package func addTransposed(_ c: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, kernels: KernelSet) {
        withUnsafeTemporaryAllocation(of: Int32.self, capacity: Self.rowsAtOnce) { numbers in
            withUnsafeTemporaryAllocation(of: Float.self, capacity: Self.rowsAtOnce) { weights in
                guard let someNumbers = numbers.baseAddress, let someWeights = weights.baseAddress else { return }
                for first in stride(from: 0, to: count, by: Self.rowsAtOnce) {
                    var found = 0
                    for row in first..<min(first + Self.rowsAtOnce, count) {
                        someNumbers[found] = Int32(truncatingIfNeeded: row)
                        someWeights[found] = c[row]
                        found += c[row] == 0 ? 0 : 1
                    }
                    add(someNumbers, someWeights, count: found, to: y, kernels: kernels)
                }
            }
        }
    }

    /// How many rows ``addTransposed(_:to:)`` looks at before it adds them: they stay in an inner cache.
    private static let rowsAtOnce = 64

    /// y += c[0] times row numbers[0], then c[1] times row numbers[1] and so on.
    ///
    /// - Parameters:
    ///   - numbers: which rows; `count` of them, each below ``count``.
    ///   - c: as many weights.
    @inline(__always)
    public func add(_ numbers: UnsafePointer<Int32>, _ c: UnsafePointer<Float>, count: Int, to y: UnsafeMutablePointer<Float>) {
        add(numbers, c, count: count, to: y, kernels: .best)
    }

    @inline(__always)
    private func add(
        _ numbers: UnsafePointer<Int32>,
        _ c: UnsafePointer<Float>,
        count: Int,
        to y: UnsafeMutablePointer<Float>,
        kernels: KernelSet
    ) {
        var rows = table
        kernels.table.add_rows(&rows, numbers, c, Int64(count), y)
    }

    private var table: rudder_rows {
        rudder_rows(data: data, type: type.kernelType, count: Int64(count), columns: Int64(columns))
    }
}
