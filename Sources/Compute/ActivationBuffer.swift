import CKernels

/// The inputs of matrix products: some vectors of one width, as F32 and, where a weight wants it, quantized to int8 in blocks of 32.
///
/// A vector is quantized once and then multiplied by as many matrices as share that input. Reused from step to step.
public final class ActivationBuffer {
    /// Blocks of as many vectors as lie together, one group of vectors after the other.
    private let blocks: UnsafeMutablePointer<rudder_activation_block>
    private let maximumRows: Int
    private let maximumColumns: Int
    /// How many vectors are loaded.
    public private(set) var count = 0
    /// How many values each has.
    public private(set) var columns = 0
    private var source: FloatMatrix
    private var firstRow = 0
    private(set) var isQuantized = false

    private static let lanes = Int(RUDDER_ACTIVATION_LANES)

    /// Makes an empty buffer.
    ///
    /// - Parameters:
    ///   - maximumRows: how many vectors it can hold.
    ///   - maximumColumns: how wide they may be.
    public init(maximumRows: Int, maximumColumns: Int) {
        self.maximumRows = maximumRows
        self.maximumColumns = (maximumColumns + 31) / 32 * 32
        let count = max((maximumRows + Self.lanes - 1) / Self.lanes * self.maximumColumns / 32, 1)
        let size = count * MemoryLayout<rudder_activation_block>.stride
        let raw = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 64)
        raw.initializeMemory(as: UInt8.self, repeating: 0, count: size)
        blocks = raw.bindMemory(to: rudder_activation_block.self, capacity: count)
        source = FloatMatrix(rows: 0, columns: 0)
    }

    deinit {
        blocks.deallocate()
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
        // Vectors of one block stay with one thread: they share cache lines.
        team.split(rows.count, step: Self.lanes, Quantization(buffer: self, kernels: kernels))
    }

    /// The vectors are the items.
    private struct Quantization: TeamWork {
        let buffer: ActivationBuffer
        let kernels: KernelSet

        func run(_ vectors: Range<Int>) {
            for index in vectors { buffer.quantize(index, kernels) }
        }
    }

    private func quantize(_ index: Int, _ kernels: KernelSet) {
        kernels.table.quantize_activations(
            source.pointer(row: firstRow + index),
            Int64(columns),
            blocks + index / Self.lanes * (columns / 32),
            Int64(index % Self.lanes)
        )
    }

    /// The C description of what is loaded.
    var description: rudder_activations {
        rudder_activations(
            count: Int64(count),
            floats: source.pointer(row: firstRow),
            float_stride: Int64(source.stride),
            blocks: blocks,
            block_count: Int64(columns / 32)
        )
    }
}
