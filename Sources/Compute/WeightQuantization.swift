import ModelFiles

// The cases are spelled as the formats spell them.
// swift-format-ignore: AlwaysUseLowerCamelCase

/// What floating-point weights can become when a model is loaded.
public enum WeightQuantization: String, Sendable, CaseIterable {
    /// Blocks of 32 of one half-precision scale and 8 bits a weight.
    case q8_0
    /// Blocks of 32 of one half-precision scale and 4 bits a weight.
    case q4_0

    /// How the numbers are then stored.
    public var type: TensorType {
        switch self {
        case .q8_0: .q8_0
        case .q4_0: .q4_0
        }
    }

    /// Quantizes a row: the weight of the largest magnitude in each block becomes the end of the range, as in ggml's reference.
    ///
    /// - Parameters:
    ///   - values: `count` numbers, a multiple of 32.
    ///   - bytes: room for as many blocks.
    func quantize(_ values: UnsafePointer<Float>, count: Int, into bytes: UnsafeMutablePointer<UInt8>) {
        let size = type.bytesPerBlock
        for block in 0..<count / 32 {
            let (values, bytes) = (values + block * 32, bytes + block * size)
            var largest: Float = 0
            for index in 0..<32 where abs(values[index]) > abs(largest) { largest = values[index] }
            // The scale of 4 bits is signed, so that the largest, whatever its sign, lies at the end with one more step.
            let scale = self == .q8_0 ? abs(largest) / 127 : largest / -8
            let inverse = scale != 0 ? 1 / scale : 0
            let half = Float16(scale).bitPattern
            (bytes[0], bytes[1]) = (UInt8(half & 255), UInt8(half >> 8))
            if self == .q8_0 {
                for index in 0..<32 { bytes[2 + index] = UInt8(bitPattern: Int8(clamping(values[index] * inverse, -127...127))) }
            } else {
                for index in 0..<16 {
                    let low = UInt8(clamping(values[index] * inverse + 8, 0...15))
                    let high = UInt8(clamping(values[16 + index] * inverse + 8, 0...15))
                    bytes[2 + index] = low | high << 4
                }
            }
        }
    }

    /// The nearest whole number in a range; 0 for what is no number.
    @inline(__always)
    private func clamping(_ value: Float, _ range: ClosedRange<Float>) -> Float {
        value.isNaN ? 0 : min(max(value.rounded(), range.lowerBound), range.upperBound)
    }
}
