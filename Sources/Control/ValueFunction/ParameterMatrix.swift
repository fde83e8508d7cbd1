import Compute
import ModelFiles

/// A layer's weights at a fixed address, aligned to a cache line, in the type in which the file has them: halves take half the time to read.
///
/// Nothing changes once it is made. Inner loops read by address, for as long as something holds the matrix.
final class ParameterMatrix: @unchecked Sendable {
    /// Row-major.
    let rows: FloatRows
    private let type: SafetensorsType
    private let bytes: UnsafeRawBufferPointer

    /// Copies a tensor's bytes.
    ///
    /// - Parameters:
    ///   - tensor: `rows` times `columns` numbers.
    ///   - type: F32, F16 or BF16.
    init(_ tensor: UnsafeRawBufferPointer, type: SafetensorsType, rows: Int, columns: Int) {
        precondition(tensor.count == rows * columns * type.byteCount, "bytes of another matrix")
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: max(tensor.count, 1), alignment: 64)
        copy.copyMemory(from: tensor)
        let storedType: TensorType =
            switch type {
            case .f16: .f16
            case .bf16: .bf16
            default: .f32
            }
        self.rows = FloatRows(UnsafeRawPointer(copy.baseAddress.unsafelyUnwrapped), type: storedType, count: rows, columns: columns)
        self.type = type
        bytes = UnsafeRawBufferPointer(rebasing: copy[..<tensor.count])
    }

    deinit {
        bytes.baseAddress?.deallocate()
    }

    /// All numbers as F32, row after row.
    var floats: [Float] {
        type.floats(bytes)
    }
}
