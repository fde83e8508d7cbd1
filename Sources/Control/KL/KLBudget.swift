/// Bounds how far control may move a token's distribution: KL(steered || plain), in nats, at temperature 1.
///
/// Logits are linear in the control signal, so those of h + s·u are plain + s·(steered - plain), and the divergence grows with s: its slope
/// is s times the variance of steered - plain under the mix.
public enum KLBudget {
    /// KL(softmax(steered) || softmax(plain)); not finite where a logit is not.
    public static func divergence(steered: Span<Float>, plain: Span<Float>) -> Float {
        plain.withUnsafeBufferPointer { plain in
            steered.withUnsafeBufferPointer { steered in
                Float(LogitDivergence(plain: plain, steered: steered).moments(scale: 1).divergence)
            }
        }
    }

    /// Replaces `steered` by plain + s·(steered - plain) for the largest s in [0, 1] that keeps the divergence within the budget.
    ///
    /// - Parameters:
    ///   - plain: the logits without control.
    ///   - steered: the logits with all of it; left as they are where they are within the budget, or where a logit is not finite.
    ///   - budget: nats, 0 or more.
    /// - Returns: s, to five digits, and the divergence of the logits as they now are, which is at most `budget` unless it is not finite.
    ///   s = 0 gives the plain logits bit for bit.
    public static func apply(plain: Span<Float>, steered: inout MutableSpan<Float>, budget: Float) -> (scale: Float, divergence: Float) {
        let found = scale(plain: plain, steered: steered.span, budget: budget)
        guard found.scale < 1 else { return found }
        for i in 0..<plain.count { steered[i] = mixedLogit(plain[i], steered[i], scale: found.scale) }
        return found
    }

    /// The largest s in [0, 1] that keeps the divergence of plain + s·(steered - plain) within the budget, and that divergence.
    ///
    /// The divergence is that of the mix as F32 rounds it: of the very logits that ``apply(plain:steered:budget:)`` leaves.
    public static func scale(plain: Span<Float>, steered: Span<Float>, budget: Float) -> (scale: Float, divergence: Float) {
        plain.withUnsafeBufferPointer { plain in
            steered.withUnsafeBufferPointer { steered in
                let divergence = LogitDivergence(plain: plain, steered: steered)
                let whole = divergence.moments(scale: 1).divergence
                if Float(whole) <= budget || !whole.isFinite { return (1, Float(whole)) }
                return budget > 0 ? largestScale(divergence, whole: whole, budget: Double(budget)) : (0, 0)
            }
        }
    }

    /// Bisection that Newton's method shortens: on the divergence's square root, which is nearly linear in s, and aimed a hair below the
    /// budget.
    private static func largestScale(_ divergence: LogitDivergence, whole: Double, budget: Double) -> (scale: Float, divergence: Float) {
        let target = budget * (1 - 2e-6)
        var (low, high): (Float, Float) = (0, 1)
        var kept = 0.0
        var scale = Float((target / whole).squareRoot())
        for _ in 0..<60 where high - low > 1e-6 * high {
            if !(scale > low && scale < high) { scale = low + (high - low) / 2 }
            guard scale > low, scale < high else { break }
            let here = divergence.moments(scale: scale)
            if here.divergence <= budget {
                (low, kept) = (scale, here.divergence)
                if here.divergence >= budget * (1 - 1e-5) { break }
            } else {
                high = scale
            }
            scale -= Float(2 * (here.divergence - (here.divergence * target).squareRoot()) / here.slope)
        }
        return (low, Float(kept))
    }
}
