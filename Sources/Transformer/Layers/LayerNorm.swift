import Compute

/// Layer normalization (arXiv:1607.06450): y = gain · (x - mean(x)) / sqrt(variance(x) + ε) + bias.
struct LayerNorm: Normalization {
    let gain: [Float]
    let bias: [Float]
    let epsilon: Float

    /// - Parameter prefix: the name of gain and bias without `.weight` and `.bias`.
    init(_ prefix: String, _ configuration: ModelConfiguration, _ loader: inout TensorLoader) throws(ModelError) {
        gain = try loader.vector("\(prefix).weight", count: configuration.hiddenSize)
        bias = try loader.vector("\(prefix).bias", count: configuration.hiddenSize)
        epsilon = configuration.normEpsilon
    }

    func apply(_ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>) {
        let count = gain.count
        var sum: Float = 0
        for index in 0..<count { sum += x[index] }
        let mean = sum / Float(count)
        for index in 0..<count { y[index] = x[index] - mean }
        let variance = FloatKernels.dot(y, y, count: count) / Float(count)
        let scale = 1 / (variance + epsilon).squareRoot()
        gain.withUnsafeBufferPointer { gain in
            if let gain = gain.baseAddress { FloatKernels.scale(y, by: scale, gain: gain, into: y, count: count) }
        }
        bias.withUnsafeBufferPointer { bias in
            if let bias = bias.baseAddress { FloatKernels.addScaled(y, bias, scale: 1, count: count) }
        }
    }
}
