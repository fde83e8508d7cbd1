import CKernels
import ModelFiles

/// A matrix of a model: `rows` by `columns` weights, read in place as the file stores them, or packed into panels of sixteen interleaved rows,
/// which products read faster. Both give the same bits.
public struct WeightMatrix: Sendable {
    /// How the weights are stored.
    public let type: TensorType
    /// The number of outputs.
    public let rows: Int
    /// The number of inputs.
    public let columns: Int
    nonisolated(unsafe) let weights: UnsafePointer<UInt8>
    /// Bytes from one row to the next, or from one panel to the next.
    let stride: Int
    /// Whether the weights lie in panels.
    public let isPacked: Bool
    /// What the weights live in.
    public let owner: any AnyObject & Sendable

    /// How many rows' results are computed together: pieces of a product start at a multiple of it.
    public static let panelRows = Int(RUDDER_PANEL_ROWS)

    /// Takes a matrix where it lies, usually in a mapped file.
    ///
    /// - Parameters:
    ///   - bytes: the weights, row after row, in memory that `owner` keeps valid.
    ///   - type: how they are stored.
    ///   - rows: the number of outputs, 1 or more.
    ///   - columns: the number of inputs, a whole number of blocks.
    ///   - owner: what the bytes live in, such as a `MappedFile`; kept alive by the matrix.
    /// - Throws: ``WeightMatrixError`` where the sizes do not belong together.
    public init(
        bytes: UnsafeRawBufferPointer,
        type: TensorType,
        rows: Int,
        columns: Int,
        owner: any AnyObject & Sendable
    ) throws(WeightMatrixError) {
        guard rows > 0, columns > 0, columns % max(type.blockSize, 1) == 0 else {
            throw .shape(rows: rows, columns: columns, blockSize: type.blockSize)
        }
        let (rowBytes, rowOverflow) = (columns / type.blockSize).multipliedReportingOverflow(by: type.bytesPerBlock)
        let (size, sizeOverflow) = rowBytes.multipliedReportingOverflow(by: rows)
        let overflow = rowOverflow || sizeOverflow
        guard !overflow, bytes.count == size, let weights = bytes.bindMemory(to: UInt8.self).baseAddress else {
            throw .size(expected: overflow ? Int.max : size, found: bytes.count)
        }
        self.type = type
        self.rows = rows
        self.columns = columns
        self.weights = weights
        stride = rowBytes
        isPacked = false
        self.owner = owner
    }

    /// Whether products read quantized inputs.
    public var isQuantized: Bool {
        type.blockSize > 1
    }

    /// The matrix in panels, or itself where it is packed already or its type or the processor has no use for panels.
    ///
    /// - Parameter store: where the panels are to lie.
    /// - Throws: ``AllocationError`` where the system refuses the memory.
    public func packed(into store: PanelStore) throws(AllocationError) -> WeightMatrix {
        try packed(into: store, kernels: .best)
    }

    package func packed(into store: PanelStore, kernels: KernelSet) throws(AllocationError) -> WeightMatrix {
        guard !isPacked, Self.usesPanels(type, columns: columns, kernels) else { return self }
        return try Self.panels(of: type, rows: rows, columns: columns, into: store) { part in (weights + part.lowerBound * stride, stride) }
    }

    /// Whether products with such weights are faster from panels.
    static func usesPanels(_ type: TensorType, columns: Int, _ kernels: KernelSet) -> Bool {
        rudder_panel_bytes(type.kernelType, Int64(columns)) > 0 && kernels.table.prefers_panels != 0
    }

    /// Packs rows into panels.
    ///
    /// - Parameter source: lends the rows of a panel as a file has them, and tells the bytes from one to the next; valid until it is asked again.
    static func panels(
        of type: TensorType,
        rows: Int,
        columns: Int,
        into store: PanelStore,
        source: (Range<Int>) -> (UnsafePointer<UInt8>, stride: Int)
    ) throws(AllocationError) -> WeightMatrix {
        let panelBytes = Int(rudder_panel_bytes(type.kernelType, Int64(columns)))
        let panels = (rows + panelRows - 1) / panelRows
        let (size, overflow) = panelBytes.multipliedReportingOverflow(by: panels)
        guard !overflow else { throw AllocationError(byteCount: Int.max) }
        let memory = try store.reserve(byteCount: size)
        for panel in 0..<panels {
            let part = panel * panelRows..<min(rows, (panel + 1) * panelRows)
            let (bytes, stride) = source(part)
            rudder_pack_panel(
                type.kernelType,
                bytes,
                Int64(stride),
                Int64(part.count),
                Int64(columns),
                memory.base + panel * panelBytes
            )
        }
        return WeightMatrix(type: type, rows: rows, columns: columns, panels: memory.base, stride: panelBytes, owner: memory.owner)
    }

    private init(type: TensorType, rows: Int, columns: Int, panels: UnsafePointer<UInt8>, stride: Int, owner: any AnyObject & Sendable) {
        self.type = type
        self.rows = rows
        self.columns = columns
        weights = panels
        self.stride = stride
        isPacked = true
        self.owner = owner
    }

    /// How many bytes the weights take.
    public var byteCount: Int {
        stride * (isPacked ? (rows + Self.panelRows - 1) / Self.panelRows : rows)
    }

    /// out[i] = W · input[i] for every loaded vector.
    ///
    /// - Parameters:
    ///   - input: vectors of `columns` values, quantized if the matrix is.
    ///   - output: at least as many rows as vectors, `rows` wide.
    ///   - team: who does it; each member takes some of the rows of W.
    public func multiply(_ input: ActivationBuffer, into output: FloatMatrix, team: ThreadTeam) {
        multiply(input, into: output, team: team, kernels: .best)
    }

    package func multiply(_ input: ActivationBuffer, into output: FloatMatrix, team: ThreadTeam, kernels: KernelSet) {
        team.split(rows, step: Self.panelRows, product(with: input, into: output, kernels: kernels))
    }

    /// The product with the loaded vectors, ready to be computed in pieces.
    ///
    /// - Parameters:
    ///   - input: vectors of `columns` values, quantized if the matrix is. They, `output` and the matrix must stay while the product is used.
    ///   - output: at least as many rows as vectors, `rows` wide.
    public func product(with input: ActivationBuffer, into output: FloatMatrix) -> MatrixProduct {
        product(with: input, into: output, kernels: .best)
    }

    package func product(with input: ActivationBuffer, into output: FloatMatrix, kernels: KernelSet) -> MatrixProduct {
        precondition(input.columns == columns && output.columns == rows && output.rows >= input.count, "matrices that do not fit")
        precondition(!isQuantized || input.isQuantized, "the inputs were not quantized")
        return MatrixProduct(
            weights: description,
            activations: input.description,
            output: output.rows > 0 ? output.pointer(row: 0) : nil,
            stride: output.stride,
            kernels: kernels
        )
    }

    /// Writes one row as `columns` F32 values: an embedding.
    public func dequantize(row: Int, into values: UnsafeMutablePointer<Float>) {
        precondition(row >= 0 && row < rows, "row outside the matrix")
        var weights = description
        rudder_dequantize_row(&weights, Int64(row), values)
    }

    private var description: rudder_weights {
        rudder_weights(
            type: type.kernelType,
            layout: isPacked ? RUDDER_PANELS : RUDDER_ROWS,
            data: weights,
            stride: Int64(stride),
            rows: Int64(rows),
            columns: Int64(columns)
        )
    }
}
