#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Bounds how far control may move a token's distribution: KL(steered || plain), in nats, at temperature 1.
///
/// Logits are linear in the control signal, so those of h + s·u are plain + s·(steered − plain), and the divergence grows with s.
public enum KLBudget {
    /// KL(softmax(steered) || softmax(plain)); not finite where a logit is not.
    public static func divergence(steered: Span<Float>, plain: Span<Float>) -> Float {
        let divergence = moment(plain: plain, steered: steered, scale: 1).divergence
        return Float(divergence < 0 ? 0 : divergence)
    }

    /// Replaces `steered` by plain + s·(steered − plain) for the largest s in [0, 1] that keeps the divergence within the budget.
    ///
    /// - Parameters:
    ///   - plain: the logits without control.
    ///   - steered: the logits with all of it; overwritten unless they are within the budget as they are.
    ///   - budget: nats, 0 or more.
    /// - Returns: s, and the divergence of the logits as they now are, at most `budget`; s = 0 gives the plain logits bit for bit.
    public static func apply(plain: Span<Float>, steered: inout MutableSpan<Float>, budget: Float) -> (scale: Float, divergence: Float) {
        let whole = divergence(steered: steered.span, plain: plain)
        if whole <= budget || !whole.isFinite { return (1, whole) }
        var scale = budget > 0 ? largestScale(plain: plain, steered: steered.span, budget: Double(budget)) : 0
        // The mix is rounded to F32: the check is made on what will be sampled from, and a scale that rounding pushed over is lowered.
        for shrink: Float in [1, 1 - 1e-5, 1 - 1e-3, 0.9] {
            scale *= shrink
            let mixed = mixedDivergence(plain: plain, steered: steered.span, scale: scale)
            if mixed <= budget {
                mix(plain: plain, steered: &steered, scale: scale)
                return (scale, mixed)
            }
        }
        mix(plain: plain, steered: &steered, scale: 0)
        return (0, 0)
    }

    /// Bisection on s, which Newton's steps shorten: the divergence's slope is s times the variance of the difference under the mix.
    private static func largestScale(plain: Span<Float>, steered: Span<Float>, budget: Double) -> Float {
        var (low, high) = (0.0, 1.0)
        var scale = 0.5
        for _ in 0..<40 where high - low > 1e-6 * high {
            let here = moment(plain: plain, steered: steered, scale: scale)
            if here.divergence <= budget { low = scale } else { high = scale }
            let slope = scale * here.variance
            let newton = scale - (here.divergence - budget) / slope
            // A hair below the root, so that the lower end comes close to it too.
            scale = slope > 0 && newton > low && newton < high ? newton - 1e-7 * newton : (low + high) / 2
            if scale <= low || scale >= high { scale = (low + high) / 2 }
        }
        return Float(low)
    }

    /// The divergence of plain + scale·(steered − plain) from plain, and the variance of steered − plain under it, in double precision.
    private static func moment(plain: Span<Float>, steered: Span<Float>, scale: Double) -> (divergence: Double, variance: Double) {
        var (largestPlain, largestMixed) = (-Double.infinity, -Double.infinity)
        for i in 0..<plain.count {
            let p = Double(plain[i])
            largestPlain = max(largestPlain, p)
            largestMixed = max(largestMixed, p + scale * (Double(steered[i]) - p))
        }
        var (plainSum, mixedSum, first, second) = (0.0, 0.0, 0.0, 0.0)
        for i in 0..<plain.count {
            let p = Double(plain[i])
            let difference = Double(steered[i]) - p
            let weight = exp(p + scale * difference - largestMixed)
            plainSum += exp(p - largestPlain)
            mixedSum += weight
            first += weight * difference
            second += weight * difference * difference
        }
        let mean = first / mixedSum
        let divergence = scale * mean - (largestMixed + log(mixedSum)) + (largestPlain + log(plainSum))
        return (divergence, max(second / mixedSum - mean * mean, 0))
    }

    /// The divergence of the mix as F32 rounds it.
    private static func mixedDivergence(plain: Span<Float>, steered: Span<Float>, scale: Float) -> Float {
        var (largestPlain, largestMixed) = (-Double.infinity, -Double.infinity)
        for i in 0..<plain.count {
            largestPlain = max(largestPlain, Double(plain[i]))
            largestMixed = max(largestMixed, Double(mixed(plain[i], steered[i], scale)))
        }
        var (plainSum, mixedSum, first) = (0.0, 0.0, 0.0)
        for i in 0..<plain.count {
            let (p, m) = (Double(plain[i]), Double(mixed(plain[i], steered[i], scale)))
            let weight = exp(m - largestMixed)
            plainSum += exp(p - largestPlain)
            mixedSum += weight
            first += weight * (m - p)
        }
        return Float(max(first / mixedSum - (largestMixed + log(mixedSum)) + (largestPlain + log(plainSum)), 0))
    }

    private static func mix(plain: Span<Float>, steered: inout MutableSpan<Float>, scale: Float) {
        for i in 0..<plain.count { steered[i] = mixed(plain[i], steered[i], scale) }
    }

    @inline(__always)
    private static func mixed(_ plain: Float, _ steered: Float, _ scale: Float) -> Float {
        scale == 0 ? plain : plain + scale * (steered - plain)
    }
}
