import Foundation
import TestSupport
import Testing
import Transformer

/// Scalings of rotary position embeddings, against Hugging Face transformers.
@Suite("Rotary position embeddings")
struct RotaryConfigurationTests {
    struct Golden: Decodable {
        let kind: String
        let head: Int
        let base: Double
        let context: Int
        let parameters: Parameters
        let attention: Double
        let frequencies: [Double]
    }

    struct Parameters: Decodable {
        let factor: Double
        let low: Double?
        let high: Double?
        let original: Int?
        let fast: Double?
        let slow: Double?
        let short: [Float]?

        enum CodingKeys: String, CodingKey {
            case factor
            case low = "low_freq_factor"
            case high = "high_freq_factor"
            case original = "original_max_position_embeddings"
            case fast = "beta_fast"
            case slow = "beta_slow"
            case short = "short_factor"
        }
    }

    private func scaling(_ golden: Golden) throws -> RotaryScaling {
        let parameters = golden.parameters
        switch golden.kind {
        case "linear": return .linear(factor: parameters.factor)
        case "llama3":
            return .llama3(
                factor: parameters.factor,
                low: try #require(parameters.low),
                high: try #require(parameters.high),
                original: try #require(parameters.original)
            )
        case "yarn":
            return .yarn(
                factor: parameters.factor,
                fast: parameters.fast ?? 32,
                slow: parameters.slow ?? 1,
                attention: RotaryScaling.yarnAttention(factor: parameters.factor),
                original: try #require(parameters.original)
            )
        default:
            let original = try #require(parameters.original)
            return .longRope(isLong: false, attention: RotaryScaling.longRopeAttention(trained: golden.context, original: original))
        }
    }

    @Test("frequencies and magnitudes of every scaling are those of the reference")
    func frequencies() throws {
        let all = try #require(try GoldenFiles.json("rotary/frequencies.json", as: [Golden].self))
        #expect(Set(all.map(\.kind)) == ["linear", "llama3", "yarn", "longrope"])
        for golden in all {
            let rotary = RotaryConfiguration(dimensions: golden.head, base: golden.base, scaling: try scaling(golden))
            let found = rotary.frequencies(divisors: golden.parameters.short)
            #expect(found.count == golden.frequencies.count)
            // The reference computes in single precision.
            #expect(zip(found, golden.frequencies).allSatisfy { abs($0 - $1) <= 2e-5 * $1 }, "\(golden.kind)")
            #expect(abs(rotary.magnitude - golden.attention) < 1e-6, "\(golden.kind)")
        }
    }
}
