import CKernels
import ModelFiles

/// A matrix of a model: `rows` by `columns` weights in the form the file stores them in, read in place.
public struct WeightMatrix: Sendable {
    /// How the weights are stored.
    public let type: TensorType
    /// The number of outputs.
    public let rows: Int
    /// The number of inputs.
    public let columns: Int
    private nonisolated(unsafe) let weights: UnsafePointer<UInt8>
    private let owner: any AnyObject & Sendable

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
        self.owner = owner
    }

    /// Whether products read quantized inputs.
    public var isQuantized: Bool {
        type.blockSize > 1
    }

    private var rowBytes: Int {
        columns / type.blockSize * type.bytesPerBlock
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
        precondition(input.columns == columns && output.columns == rows && output.rows >= input.count, "matrices that do not fit")
        precondition(!isQuantized || input.isQuantized, "the inputs were not quantized")
        guard input.count > 0 else { return }
        let multiply = kernels.table.multiply
        team.split(rows, step: 16) { range in
            var weights = description
            var activations = input.description
            multiply(
                &weights,
                Int64(range.lowerBound),
                Int64(range.upperBound),
                &activations,
                output.pointer(row: 0),
                Int64(output.stride)
            )
        }
    }

    /// Writes one row as `columns` F32 values: an embedding.
    public func dequantize(row: Int, into values: UnsafeMutablePointer<Float>) {
        precondition(row >= 0 && row < rows, "row outside the matrix")
        rudder_dequantize(type.kernelType, weights + row * rowBytes, Int64(columns), values)
    }

    private var description: rudder_weights {
        rudder_weights(type: type.kernelType, data: weights, row_bytes: Int64(rowBytes), columns: Int64(columns))
    }
}
