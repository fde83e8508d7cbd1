import Compute

/// Brings vectors of one width to one scale.
protocol Normalization: Sendable {
    /// Normalizes one vector; `y` may be `x`.
    func apply(_ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>)
}

extension Normalization {
    /// Normalizes the pass's rows; `y` may be `x`.
    func forward(_ x: FloatMatrix, into y: FloatMatrix, _ pass: ForwardPass) {
        pass.team.split(pass.count, step: ForwardPass.rowsWorthSharing, NormalizedRows(norm: self, x: x, y: y))
    }
}

private struct NormalizedRows<Norm: Normalization>: TeamWork {
    let norm: Norm
    let x: FloatMatrix
    let y: FloatMatrix

    func run(_ rows: Range<Int>) {
        for row in rows { norm.apply(x.pointer(row: row), into: y.pointer(row: row)) }
    }
}
