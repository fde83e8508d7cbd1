/// The exponential of differences of logits: what sampling spends its time on.
enum Exponentials {
    /// Numbers are summed in blocks of this many.
    static let blockLength = 256
    /// What is smaller gives 0.
    private static let least: Float = -87

    /// Fills `weights` with exp((logit - largest) / temperature), each to one unit of its last place, and `blockSums` with the sums of
    /// ``blockLength`` of them each. A weight's bits depend on its logit alone.
    ///
    /// Divided, not multiplied by the inverse, which is infinite for the smallest temperatures there are.
    ///
    /// - Parameter largest: the largest of the logits, which are all finite.
    /// - Returns: the sum of all.
    static func fill(
        _ weights: inout [Float],
        _ blockSums: inout [Double],
        from logits: Span<Float>,
        largest: Float,
        temperature: Float
    ) -> Double {
        let count = logits.count
        if weights.count < count { weights = [Float](repeating: 0, count: count) }
        blockSums.removeAll(keepingCapacity: true)
        var (start, total) = (0, 0.0)
        while start < count {
            let end = min(start + blockLength, count)
            var (i, lanes, sum) = (start, SIMD8<Float>(), 0.0)
            while i + 8 <= end {
                var eight = SIMD8<Float>()
                for lane in 0..<8 { eight[lane] = logits[i + lane] }
                let powers = exponential((eight - largest) / temperature)
                for lane in 0..<8 { weights[i + lane] = powers[lane] }
                lanes += powers
                i += 8
            }
            for lane in 0..<8 { sum += Double(lanes[lane]) }
            while i < end {
                weights[i] = exponential(SIMD8(repeating: (logits[i] - largest) / temperature))[0]
                sum += Double(weights[i])
                i += 1
            }
            blockSums.append(sum)
            total += sum
            start = end
        }
        return total
    }

    /// The exponential of one number that is not above 0.
    static func of(_ x: Float) -> Float {
        exponential(SIMD8(repeating: x))[0]
    }

    /// exp(x) for x up to 0: 2ⁿ times a polynomial of what is left (Cephes' expf).
    @inline(__always)
    private static func exponential(_ input: SIMD8<Float>) -> SIMD8<Float> {
        let isLeast = input .< least
        let x = input.replacing(with: least, where: isLeast)
        // Adding 1.5 · 2²³ rounds to a whole number, which is then in the lowest bits.
        let magic: Float = 12_582_912
        let shifted = x * 1.442_695_04 + magic
        let n = shifted - magic
        let r = (x - n * 0.693_359_375) - n * -2.121_944_4e-4
        var power = SIMD8<Float>(repeating: 1.987_569_15e-4)
        power = power * r + 1.398_199_95e-3
        power = power * r + 8.333_451_9e-3
        power = power * r + 4.166_579_6e-2
        power = power * r + 1.666_666_55e-1
        power = power * r + 0.5
        power = power * (r * r) + r + 1
        let exponent = (unsafeBitCast(shifted, to: SIMD8<Int32>.self) &- 0x4b40_0000 &+ 127) &<< 23
        return (power * unsafeBitCast(exponent, to: SIMD8<Float>.self)).replacing(with: 0, where: isLeast)
    }
}
