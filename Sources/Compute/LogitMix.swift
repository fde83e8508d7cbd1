import CKernels

/// Logits between two vectors, plain + scale * (steered - plain) in F32, and sums over them in double precision and one fixed order.
public enum LogitMix {
    /// Sums over a mix.
    public struct Sums: Sendable {
        /// The largest of the mix.
        public let largest: Double
        /// Σ w, with w = exp(mix - largest)
        public let weights: Double
        /// Σ w (mix - plain)
        public let first: Double
        /// Σ w (mix - plain)²
        public let second: Double
    }

    /// Sums over the mix at `scale`, 0 to 1. None is a number where one of the logits is none.
    ///
    /// - Parameters:
    ///   - plain: one logit or more.
    ///   - steered: as many.
    ///   - count: how many.
    public static func sums(_ plain: UnsafePointer<Float>, _ steered: UnsafePointer<Float>, scale: Float, count: Int) -> Sums {
        sums(plain, steered, scale: scale, count: count, kernels: .best)
    }

    package static func sums(
        _ plain: UnsafePointer<Float>,
        _ steered: UnsafePointer<Float>,
        scale: Float,
        count: Int,
        kernels: KernelSet
    ) -> Sums {
        var mix = rudder_logit_mix(plain: plain, steered: steered, scale: scale, count: Int64(count))
        let sums = kernels.table.sum_mix(&mix)
        return Sums(largest: Double(sums.largest), weights: sums.weights, first: sums.first, second: sums.second)
    }
}
