#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The constants of rotary position embedding (RoPE, arXiv:2104.09864).
public struct RotaryConfiguration: Sendable, Equatable {
    /// How many values of each head turn, from its first; even.
    public let dimensions: Int
    /// The base of the geometric row of frequencies.
    public let base: Double
    /// How the context was stretched.
    public let scaling: RotaryScaling

    package init(dimensions: Int, base: Double, scaling: RotaryScaling) {
        self.dimensions = dimensions
        self.base = base
        self.scaling = scaling
    }

    /// Radians per position of each pair.
    ///
    /// - Parameter divisors: what the file divides the frequencies by, one by one; nil for nothing.
    package func frequencies(divisors: [Float]? = nil) -> [Double] {
        (0..<dimensions / 2).map { pair in
            let plain = pow(base, -2 * Double(pair) / Double(dimensions))
            let frequency = plain / Double(divisors?[pair] ?? 1)
            switch scaling {
            case .none, .longRope: return frequency
            case .linear(let factor): return frequency / factor
            case .llama3(let factor, let low, let high, let original):
                let turns = Double(original) * plain / (2 * .pi)
                let kept = min(max((turns - low) / (high - low), 0), 1)
                return frequency * (kept + (1 - kept) / factor)
            case .yarn(let factor, let fast, let slow, _, let original):
                let kept = 1 - ramp(pair, from: turning(fast, original).rounded(.down), to: turning(slow, original).rounded(.up))
                return frequency * (kept + (1 - kept) / factor)
            }
        }
    }

    /// What cosines and sines are multiplied by.
    package var magnitude: Double {
        switch scaling {
        case .none, .linear, .llama3: 1
        case .yarn(_, _, _, let attention, _), .longRope(_, let attention): attention
        }
    }

    /// The pair, not always a whole one, that makes so many turns in the original context.
    private func turning(_ turns: Double, _ original: Int) -> Double {
        Double(dimensions) * log(Double(original) / (turns * 2 * .pi)) / (2 * log(base))
    }

    private func ramp(_ pair: Int, from low: Double, to high: Double) -> Double {
        let (low, high) = (max(low, 0), min(high, Double(dimensions - 1)))
        return min(max((Double(pair) - low) / (high > low ? high - low : 0.001), 0), 1)
    }
}
