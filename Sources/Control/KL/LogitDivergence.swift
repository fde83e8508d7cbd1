import Compute

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
        let sums = LogitMix.sums(self.plain, self.plain, scale: 0, count: count)
        plainNormalizer = sums.largest + log(sums.weights)
    }

    /// The divergence at s, and its slope.
    func moments(scale: Float) -> Moments {
        let sums = LogitMix.sums(plain, steered, scale: scale, count: count)
        // With m the mix and x = m - plain: KL = E[x] - log Σ exp(m) + log Σ exp(plain), and s · dKL/ds = Var[x], both under the mix.
        let mean = sums.first / sums.weights
        let divergence = mean - (sums.largest + log(sums.weights)) + plainNormalizer
        let variance = max(sums.second / sums.weights - mean * mean, 0)
        return Moments(divergence: divergence < 0 ? 0 : divergence, slope: scale > 0 ? variance / Double(scale) : 0)
    }
}

/// plain + s·(steered - plain) as F32 rounds it; at 0 and 1 bit for bit the one or the other.
@inline(__always)
func mixedLogit(_ plain: Float, _ steered: Float, scale: Float) -> Float {
    scale == 1 ? steered : scale == 0 ? plain : plain + scale * (steered - plain)
}
