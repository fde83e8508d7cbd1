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
    private nonisolated(unsafe) let weights: UnsafePointer<UInt8>
    /// Bytes from one row to the next, or from one panel to the next.
    private let stride: Int
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
        let panelBytes = Int(rudder_panel_bytes(type.kernelType, Int64(columns)))
        guard !isPacked, panelBytes > 0, kernels.table.prefers_panels != 0 else { return self }
        let panels = (rows + Self.panelRows - 1) / Self.panelRows
        let (size, overflow) = panelBytes.multipliedReportingOverflow(by: panels)
        guard !overflow else { throw AllocationError(byteCount: Int.max) }
        let memory = try store.reserve(byteCount: size)
        for panel in 0..<panels {
            let first = panel * Self.panelRows
            rudder_pack_panel(
                type.kernelType,
                weights + first * stride,
                Int64(stride),
                Int64(min(Self.panelRows, rows - first)),
                Int64(columns),
                memory.base + panel * panelBytes
            )
        }
        return WeightMatrix(type: type, rows: rows, columns: columns, panels: memory.base, stride: panelBytes, owner: memory.owner)
    }

    /// Some matrices of one type and width as one: themselves where there is one and nothing to do, else in memory of `store`.
    ///
    /// - Parameters:
    ///   - parts: the matrices, whose rows follow each other; at least one, none packed.
    ///   - quantization: what the weights become; nil to leave them as they are.
    ///   - packing: whether panels are wanted where they help.
    ///   - store: where rearranged weights go.
    /// - Throws: ``AllocationError`` where the system refuses the memory.
    public static func rearranged(
        _ parts: [WeightMatrix],
        as quantization: WeightQuantization?,
        packing: Bool,
        into store: PanelStore
    ) throws(AllocationError) -> WeightMatrix {
        guard let first = parts.first else { throw AllocationError(byteCount: 0) }
        if parts.count == 1, quantization == nil {
            return packing ? try first.packed(into: store) : first
        }
        let (rows, columns) = (parts.reduce(0) { $0 + $1.rows }, first.columns)
        let type = quantization?.type ?? first.type
        let writer = RowWriter(parts: parts, quantization: quantization, rowBytes: columns / type.blockSize * type.bytesPerBlock)
        let panelBytes = Int(rudder_panel_bytes(type.kernelType, Int64(columns)))
        guard packing, panelBytes > 0, KernelSet.best.table.prefers_panels != 0 else {
            let memory = try store.reserve(byteCount: rows * writer.rowBytes)
            writer.write(0..<rows, into: memory.base)
            let bytes = UnsafeRawBufferPointer(start: memory.base, count: rows * writer.rowBytes)
            guard let matrix = try? WeightMatrix(bytes: bytes, type: type, rows: rows, columns: columns, owner: memory.owner) else {
                throw AllocationError(byteCount: bytes.count)
            }
            return matrix
        }
        let panels = (rows + panelRows - 1) / panelRows
        let memory = try store.reserve(byteCount: panelBytes * panels)
        let buffer = UnsafeMutablePointer<UInt8>.allocate(capacity: panelRows * writer.rowBytes)
        defer { buffer.deallocate() }
        for panel in 0..<panels {
            let part = panel * panelRows..<min(rows, (panel + 1) * panelRows)
            writer.write(part, into: buffer)
            rudder_pack_panel(
                type.kernelType,
                buffer,
                Int64(writer.rowBytes),
                Int64(part.count),
                Int64(columns),
                memory.base + panel * panelBytes
            )
        }
        return WeightMatrix(type: type, rows: rows, columns: columns, panels: memory.base, stride: panelBytes, owner: memory.owner)
    }

    /// Writes rows of some matrices, one behind the other, as a file has them.
    private struct RowWriter {
        let parts: [WeightMatrix]
        let quantization: WeightQuantization?
        let rowBytes: Int

        func write(_ rows: Range<Int>, into bytes: UnsafeMutablePointer<UInt8>) {
            var start = 0
            for part in parts {
                for row in rows.clamped(to: start..<start + part.rows) {
                    part.write(row: row - start, as: quantization, into: bytes + (row - rows.lowerBound) * rowBytes)
                }
                start += part.rows
            }
        }
    }

    private func write(row: Int, as quantization: WeightQuantization?, into bytes: UnsafeMutablePointer<UInt8>) {
        guard let quantization else { return bytes.update(from: weights + row * stride, count: stride) }
        withUnsafeTemporaryAllocation(of: Float.self, capacity: columns) { values in
            guard let base = values.baseAddress else { return }
            dequantize(row: row, into: base)
            quantization.quantize(base, count: columns, into: bytes)
        }
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
