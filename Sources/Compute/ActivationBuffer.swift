import CKernels

/// The inputs of matrix products: some vectors of one width, as F32 and, where a weight wants it, quantized to int8 in blocks of 32.
///
/// A vector is quantized once and then multiplied by as many matrices as share that input. Reused from step to step.
public final class ActivationBuffer {
    private let quants: UnsafeMutablePointer<Int8>
    private let scales: FloatMatrix
    private let sums: FloatMatrix
    private let halfSums: UnsafeMutablePointer<Int32>
    private let maximumRows: Int
    private let maximumColumns: Int
    /// How many vectors are loaded.
    public private(set) var count = 0
    /// How many values each has.
    public private(set) var columns = 0
    private var source: FloatMatrix
    private var firstRow = 0
    private(set) var isQuantized = false

    /// Makes an empty buffer.
    ///
    /// - Parameters:
    ///   - maximumRows: how many vectors it can hold.
    ///   - maximumColumns: how wide they may be.
    public init(maximumRows: Int, maximumColumns: Int) {
        self.maximumRows = maximumRows
        self.maximumColumns = (maximumColumns + 31) / 32 * 32
        quants = UnsafeMutableRawPointer.allocate(byteCount: max(maximumRows * self.maximumColumns, 1), alignment: 64)
            .bindMemory(to: Int8.self, capacity: max(maximumRows * self.maximumColumns, 1))
        scales = FloatMatrix(rows: maximumRows, columns: self.maximumColumns / 32)
        sums = FloatMatrix(rows: maximumRows, columns: self.maximumColumns / 32)
        halfSums = .allocate(capacity: max(2 * maximumRows * scales.stride, 1))
        source = FloatMatrix(rows: 0, columns: 0)
    }

    deinit {
        quants.deallocate()
        halfSums.deallocate()
    }

    /// Takes rows of a matrix as the inputs of the products that follow. The F32 values are read in place, so the rows must stay as they are until then.
    ///
    /// - Parameters:
    ///   - matrix: where the vectors are.
    ///   - rows: which of its rows.
    ///   - quantized: whether a quantized weight will be multiplied; the width must then be a multiple of 32.
    ///   - team: who does it.
    public func load(_ matrix: FloatMatrix, rows: Range<Int>, quantized: Bool, team: ThreadTeam) {
        load(matrix, rows: rows, quantized: quantized, team: team, kernels: .best)
    }

    package func load(_ matrix: FloatMatrix, rows: Range<Int>, quantized: Bool, team: ThreadTeam, kernels: KernelSet) {
        precondition(rows.count <= maximumRows && rows.lowerBound >= 0 && rows.upperBound <= matrix.rows, "too many vectors")
        precondition(matrix.columns <= maximumColumns && (!quantized || matrix.columns % 32 == 0), "vectors of a wrong width")
        source = matrix
        firstRow = rows.lowerBound
        count = rows.count
        columns = matrix.columns
        isQuantized = quantized
        guard quantized else { return }
        let quantize = kernels.table.quantize_activations
        // A thread's share is worth its waking from some thousands of values on.
        team.split(rows.count, step: max(1, 4096 / max(matrix.columns, 1))) { range in
            for index in range {
                quantize(
                    matrix.pointer(row: rows.lowerBound + index),
                    Int64(matrix.columns),
                    quants + index * maximumColumns,
                    scales.pointer(row: index),
                    sums.pointer(row: index),
                    halfSums + 2 * index * scales.stride
                )
            }
        }
    }

    /// The C description of what is loaded.
    var description: rudder_activations {
        rudder_activations(
            count: Int64(count),
            floats: source.pointer(row: firstRow),
            float_stride: Int64(source.stride),
            quants: quants,
            quant_stride: Int64(maximumColumns),
            scales: scales.pointer(row: 0),
            sums: sums.pointer(row: 0),
            half_sums: halfSums,
            scale_stride: Int64(scales.stride)
        )
    }
}
