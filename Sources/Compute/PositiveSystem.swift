import COpenBLAS

/// Linear equations A x = b with a symmetric positive definite A, by Cholesky's factors (LAPACK's `dposv`).
public enum PositiveSystem {
    /// Solves the equations.
    ///
    /// - Parameters:
    ///   - matrix: A, row after row, n by n; of the two triangles, one is read.
    ///   - right: b, n numbers.
    /// - Returns: x; nil where A is not positive definite, or a number is not finite.
    public static func solve(_ matrix: [Double], _ right: [Double]) -> [Double]? {
        precondition(matrix.count == right.count * right.count, "a matrix that does not fit")
        guard !right.isEmpty, var size = Int32(exactly: right.count) else { return right.isEmpty ? [] : nil }
        var (factors, solution) = (matrix, right)
        var (count, status) = (Int32(1), Int32(0))
        var triangle = CChar(UInt8(ascii: "L"))
        openblas_set_num_threads(1)
        dposv_(&triangle, &size, &count, &factors, &size, &solution, &size, &status, 1)
        return status == 0 && solution.allSatisfy(\.isFinite) ? solution : nil
    }
}
