import COpenBLAS

/// Products of dense matrices through OpenBLAS, for training. Each call computes on the calling thread alone: whoever has a team shares the rows out.
///
/// OpenBLAS promises no fixed order of summation across shapes; the same call on the same machine gives the same bits.
public enum DenseProducts {
    /// C = A Bᵀ, or C + A Bᵀ: a layer's outputs from its inputs and weights.
    ///
    /// - Parameters:
    ///   - a: m rows of k.
    ///   - b: n rows of k.
    ///   - rows: m, at most as many as A and C have.
    ///   - c: m rows of n.
    ///   - adding: whether C keeps what it holds.
    public static func multiply(_ a: FloatMatrix, byTransposed b: FloatMatrix, rows: Int, into c: FloatMatrix, adding: Bool = false) {
        precondition(rows <= a.rows && rows <= c.rows && a.columns == b.columns && c.columns == b.rows, "matrices that do not fit")
        product(CblasNoTrans, CblasTrans, rows, b.rows, a.columns, a, b, c, adding)
    }

    /// C = A B: the derivatives by a layer's inputs from those by its outputs.
    ///
    /// - Parameters:
    ///   - a: m rows of k.
    ///   - b: k rows of n.
    ///   - rows: m, at most as many as A and C have.
    ///   - c: m rows of n.
    public static func multiply(_ a: FloatMatrix, by b: FloatMatrix, rows: Int, into c: FloatMatrix) {
        precondition(rows <= a.rows && rows <= c.rows && a.columns == b.rows && c.columns == b.columns, "matrices that do not fit")
        product(CblasNoTrans, CblasNoTrans, rows, b.columns, a.columns, a, b, c, false)
    }

    /// C = C + Aᵀ B: the derivatives by a layer's weights.
    ///
    /// - Parameters:
    ///   - a: k rows of m.
    ///   - b: k rows of n.
    ///   - rows: k, at most as many as A and B have.
    ///   - c: m rows of n.
    public static func addProduct(transposed a: FloatMatrix, _ b: FloatMatrix, rows: Int, to c: FloatMatrix) {
        precondition(rows <= a.rows && rows <= b.rows && a.columns == c.rows && b.columns == c.columns, "matrices that do not fit")
        product(CblasTrans, CblasNoTrans, a.columns, b.columns, rows, a, b, c, true)
    }

    private static func product(
        _ transposeA: CBLAS_TRANSPOSE,
        _ transposeB: CBLAS_TRANSPOSE,
        _ m: Int,
        _ n: Int,
        _ k: Int,
        _ a: FloatMatrix,
        _ b: FloatMatrix,
        _ c: FloatMatrix,
        _ adding: Bool
    ) {
        guard m > 0, n > 0, k > 0 else { return }
        openblas_set_num_threads(1)
        cblas_sgemm(
            CblasRowMajor,
            transposeA,
            transposeB,
            Int32(m),
            Int32(n),
            Int32(k),
            1,
            a.pointer(row: 0),
            Int32(a.stride),
            b.pointer(row: 0),
            Int32(b.stride),
            adding ? 1 : 0,
            c.pointer(row: 0),
            Int32(c.stride)
        )
    }
}
