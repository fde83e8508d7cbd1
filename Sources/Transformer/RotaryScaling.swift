#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// How positions beyond those that a model was first trained on are brought within its reach.
public enum RotaryScaling: Sendable, Equatable {
    /// Not at all.
    case none
    /// Every angle divided by a factor (arXiv:2306.15595).
    case linear(factor: Double)
    /// Slow frequencies divided by a factor, fast ones kept, those between mixed, as Llama 3.1 has it; all by the original context's length.
    case llama3(factor: Double, low: Double, high: Double, original: Int)
    /// The same idea with a ramp over the dimensions between `fast` and `slow` turns in the original context, and magnitudes corrected by `attention`
    /// (YaRN, arXiv:2309.00071).
    case yarn(factor: Double, fast: Double, slow: Double, attention: Double, original: Int)
    /// A divisor for each frequency, from the model's file: one set for contexts up to the original length, one for longer ones, with magnitudes
    /// corrected by `attention` (LongRoPE, arXiv:2402.13753).
    case longRope(isLong: Bool, attention: Double)

    /// What YaRN multiplies cosines and sines by, where a file says nothing else (equation 22).
    package static func yarnAttention(factor: Double) -> Double {
        factor > 1 ? 1 + 0.1 * log(factor) : 1
    }

    /// What LongRoPE multiplies cosines and sines by, where a file says nothing else.
    ///
    /// - Parameters:
    ///   - trained: the longest context the model was trained for.
    ///   - original: the length before it was stretched.
    package static func longRopeAttention(trained: Int, original: Int) -> Double {
        trained > original && original > 1 ? (1 + log(Double(trained) / Double(original)) / log(Double(original))).squareRoot() : 1
    }
}
