#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// KL(softmax(mix) || softmax(plain)) for mixes plain + s·(steered - plain) of two logit vectors, in double precision and one fixed order
/// of summation.
struct LogitDivergence {
    /// What a mix is like.
    struct Moments {
        /// The divergence in nats; no number where a logit is none.
        let divergence: Double
        /// How fast it grows with s.
        let slope: Double
    }

    private let plain: UnsafePointer<Float>
    private let steered: UnsafePointer<Float>
    private let count: Int
    /// log Σ exp(plain)
    private let plainNormalizer: Double

    /// Both vectors must outlive the value.
    init(plain: UnsafeBufferPointer<Float>, steered: UnsafeBufferPointer<Float>) {
        precondition(plain.count == steered.count && !plain.isEmpty, "logits of different lengths, or none")
        self.plain = plain.baseAddress.unsafelyUnwrapped
        self.steered = steered.baseAddress.unsafelyUnwrapped
        count = plain.count
        let largest = Double(LogitDivergence.largest(self.plain, self.plain, scale: 0, count: count))
        let vectors = count / 4 * 4
        var sum = SIMD4<Double>.zero
        for index in stride(from: 0, to: vectors, by: 4) {
            sum += exponential(widened(load(self.plain + index)) - largest)
        }
        var rest = 0.0
        for index in vectors..<count { rest += exp(Double(self.plain[index]) - largest) }
        plainNormalizer = largest + log(sum.sum() + rest)
    }

    /// The divergence at s, and its slope.
    func moments(scale: Float) -> Moments {
        let largest = Double(LogitDivergence.largest(plain, steered, scale: scale, count: count))
        let vectors = count / 4 * 4
        var (sums, firsts, seconds) = (SIMD4<Double>.zero, SIMD4<Double>.zero, SIMD4<Double>.zero)
        for index in stride(from: 0, to: vectors, by: 4) {
            let start = load(plain + index)
            let mixed = widened(mixedLogits(start, load(steered + index), scale: scale))
            let moved = mixed - widened(start)
            let weight = exponential(mixed - largest)
            sums += weight
            firsts += weight * moved
            seconds += weight * moved * moved
        }
        var (sum, first, second) = (sums.sum(), firsts.sum(), seconds.sum())
        for index in vectors..<count {
            let mixed = Double(mixedLogit(plain[index], steered[index], scale: scale))
            let moved = mixed - Double(plain[index])
            let weight = exp(mixed - largest)
            sum += weight
            first += weight * moved
            second += weight * moved * moved
        }
        // With m the mix and x = m - plain: KL = E[x] - log Σ exp(m) + log Σ exp(plain), and s · dKL/ds = Var[x], both under the mix.
        let mean = first / sum
        let divergence = mean - (largest + log(sum)) + plainNormalizer
        let variance = max(second / sum - mean * mean, 0)
        return Moments(divergence: divergence < 0 ? 0 : divergence, slope: scale > 0 ? variance / Double(scale) : 0)
    }

    private static func largest(
        _ plain: UnsafePointer<Float>,
        _ steered: UnsafePointer<Float>,
        scale: Float,
        count: Int
    ) -> Float {
        let vectors = count / 4 * 4
        var largest = SIMD4<Float>(repeating: -.infinity)
        for index in stride(from: 0, to: vectors, by: 4) {
            let mixed = mixedLogits(load(plain + index), load(steered + index), scale: scale)
            largest.replace(with: mixed, where: mixed .> largest)
        }
        var most = largest.max()
        for index in vectors..<count { most = max(most, mixedLogit(plain[index], steered[index], scale: scale)) }
        return most
    }
}

/// plain + s·(steered - plain) as F32 rounds it; at 0 and 1 bit for bit the one or the other.
@inline(__always)
func mixedLogit(_ plain: Float, _ steered: Float, scale: Float) -> Float {
    scale == 1 ? steered : scale == 0 ? plain : plain + scale * (steered - plain)
}

@inline(__always)
private func mixedLogits(_ plain: SIMD4<Float>, _ steered: SIMD4<Float>, scale: Float) -> SIMD4<Float> {
    scale == 1 ? steered : scale == 0 ? plain : plain + scale * (steered - plain)
}

@inline(__always)
private func load(_ values: UnsafePointer<Float>) -> SIMD4<Float> {
    UnsafeRawPointer(values).loadUnaligned(as: SIMD4<Float>.self)
}

@inline(__always)
private func widened(_ values: SIMD4<Float>) -> SIMD4<Double> {
    SIMD4<Double>(Double(values[0]), Double(values[1]), Double(values[2]), Double(values[3]))
}
