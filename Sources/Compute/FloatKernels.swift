import CKernels
import COpenBLAS

/// Vector and matrix products on F32 numbers, for inner loops of Transformer and Control.
///
/// Each result is summed in one fixed order: it depends on the vectors alone, never on what else is computed with them.
/// Pointers must hold as many values as the sizes say.
public enum FloatKernels {
    /// The inner product of two vectors.
    @inline(__always)
    public static func dot(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, count: Int) -> Float {
        KernelSet.best.table.dot_f32(a, b, Int64(count))
    }

    /// y += scale * x
    @inline(__always)
    public static func addScaled(_ y: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>, scale: Float, count: Int) {
        KernelSet.best.table.add_scaled_f32(y, x, scale, Int64(count))
    }

    /// Rounds to half precision, ties to even.
    @inline(__always)
    public static func convertToHalf(_ values: UnsafePointer<Float>, into halves: UnsafeMutablePointer<UInt16>, count: Int) {
        KernelSet.best.table.convert_to_f16(values, halves, Int64(count))
    }

    /// Sets out[i] to exp((values[i] - shift) * scale) for the i of a range, to two units in the last place: zero below exp(-87), and no more than
    /// exp(88).
    ///
    /// - Returns: their sum, in one fixed order.
    public static func exponentials(
        _ values: Span<Float>,
        _ range: Range<Int>,
        shift: Float,
        scale: Float,
        into out: inout [Float]
    ) -> Float {
        precondition(range.lowerBound >= 0 && range.upperBound <= min(values.count, out.count), "a range outside the values")
        return values.withUnsafeBufferPointer { values in
            out.withUnsafeMutableBufferPointer { out in
                guard let from = values.baseAddress, let to = out.baseAddress else { return 0 }
                let first = range.lowerBound
                return KernelSet.best.table.exponentials(from + first, shift, scale, Int64(range.count), to + first)
            }
        }
    }

    /// The first of the largest of some values; nil where there are none, or one is not finite.
    public static func largest(_ values: Span<Float>) -> (index: Int, value: Float)? {
        guard values.count > 0 else { return nil }
        var index: Int64 = 0
        let isFinite = values.withUnsafeBufferPointer { values in
            values.baseAddress.map { KernelSet.best.table.find_largest($0, Int64(values.count), &index) } ?? 0
        }
        return isFinite != 0 ? (Int(index), values[Int(index)]) : nil
    }

    /// gate = silu(gate) * up, with silu(x) = x / (1 + exp(-x)) (arXiv:1702.03118).
    @inline(__always)
    public static func multiplySiLU(_ gate: UnsafeMutablePointer<Float>, by up: UnsafePointer<Float>, count: Int) {
        KernelSet.best.table.silu_multiply(gate, up, Int64(count))
    }

    /// y = x * scale * gain
    @inline(__always)
    public static func scale(
        _ x: UnsafePointer<Float>,
        by scale: Float,
        gain: UnsafePointer<Float>,
        into y: UnsafeMutablePointer<Float>,
        count: Int
    ) {
        KernelSet.best.table.scale_by(x, scale, gain, y, Int64(count))
    }

    /// Turns `count` neighbouring pairs in place, by the angles whose cosines and sines are given.
    @inline(__always)
    public static func rotatePairs(
        _ pairs: UnsafeMutablePointer<Float>,
        cosines: UnsafePointer<Float>,
        sines: UnsafePointer<Float>,
        count: Int
    ) {
        KernelSet.best.table.rotate_pairs(pairs, cosines, sines, Int64(count))
    }

    /// G = A Bᵀ through OpenBLAS on one thread, for row-major A of m by k, B of n by k and G of m by n.
    ///
    /// OpenBLAS promises no fixed order of summation across shapes, so this serves what is made once: Gram matrices and training.
    public static func gram(
        _ a: UnsafePointer<Float>,
        rows m: Int,
        _ b: UnsafePointer<Float>,
        rows n: Int,
        columns k: Int,
        into g: UnsafeMutablePointer<Float>
    ) {
        guard m > 0, n > 0, k > 0 else { return }
        openblas_set_num_threads(1)
        cblas_sgemm(
            CblasRowMajor,
            CblasNoTrans,
            CblasTrans,
            Int32(m),
            Int32(n),
            Int32(k),
            1,
            a,
            Int32(k),
            b,
            Int32(k),
            0,
            g,
            Int32(n)
        )
    }
}

extension FloatKernels {
    /// x = max(x, 0)
    package static func rectify(_ x: inout MutableSpan<Float>) {
        x.withUnsafeMutableBufferPointer { x in
            for index in x.indices { x[index] = max(x[index], 0) }
        }
    }

    /// x = 0 wherever `gate`, of the same length, is not above 0.
    package static func mask(_ x: inout MutableSpan<Float>, where gate: Span<Float>) {
        precondition(x.count == gate.count, "vectors of different lengths")
        x.withUnsafeMutableBufferPointer { x in
            gate.withUnsafeBufferPointer { gate in
                for index in x.indices { x[index] = gate[index] > 0 ? x[index] : 0 }
            }
        }
    }
}
