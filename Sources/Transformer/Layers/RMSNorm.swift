import Compute

/// Root mean square layer normalization (arXiv:1910.07467): y = gain · x / sqrt(mean(x²) + ε).
struct RMSNorm: Sendable {
    let gain: [Float]
    let epsilon: Float

    init(_ name: String, _ configuration: ModelConfiguration, _ loader: inout TensorLoader) throws(ModelError) {
        gain = try loader.vector(name, count: configuration.hiddenSize)
        epsilon = configuration.normEpsilon
    }

    /// Normalizes the pass's rows.
    func forward(_ x: FloatMatrix, into y: FloatMatrix, _ pass: ForwardPass) {
        pass.team.split(pass.count, step: ForwardPass.rowsWorthSharing, Rows(norm: self, x: x, y: y))
    }

    private struct Rows: TeamWork {
        let norm: RMSNorm
        let x: FloatMatrix
        let y: FloatMatrix

        func run(_ rows: Range<Int>) {
            for row in rows { norm.apply(x.pointer(row: row), into: y.pointer(row: row)) }
        }
    }

    /// Normalizes one vector of `gain.count` values.
    func apply(_ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>) {
        let meanSquare = FloatKernels.dot(x, x, count: gain.count) / Float(gain.count)
        let scale = 1 / (meanSquare + epsilon).squareRoot()
        gain.withUnsafeBufferPointer { gain in
            if let gain = gain.baseAddress { FloatKernels.scale(x, by: scale, gain: gain, into: y, count: self.gain.count) }
        }
    }
}
