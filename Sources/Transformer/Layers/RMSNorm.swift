import Compute

/// Root mean square layer normalization (arXiv:1910.07467): y = gain · x / sqrt(mean(x²) + ε).
struct RMSNorm: Normalization {
    let gain: [Float]
    let epsilon: Float

    /// - Parameter count: the width; nil for the hidden size.
    init(_ name: String, count: Int? = nil, _ configuration: ModelConfiguration, _ loader: inout TensorLoader) throws(ModelError) {
        let offset = loader.conventions.gainOffset
        gain = try loader.vector(name, count: count ?? configuration.hiddenSize).map { $0 + offset }
        epsilon = configuration.normEpsilon
    }

    func apply(_ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>) {
        let meanSquare = FloatKernels.dot(x, x, count: gain.count) / Float(gain.count)
        let scale = 1 / (meanSquare + epsilon).squareRoot()
        gain.withUnsafeBufferPointer { gain in
            if let gain = gain.baseAddress { FloatKernels.scale(x, by: scale, gain: gain, into: y, count: self.gain.count) }
        }
    }
}
