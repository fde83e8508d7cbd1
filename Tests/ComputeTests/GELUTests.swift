import Compute
import Foundation
import Testing

@Suite("GELU and rotations of halves")
struct GELUTests {
    private let inputs: [Float] = (0..<37).map { Float($0) * 0.6 - 11 } + [0, -0.001, 1e-8, 100, -100, 3e4, -3e4]

    @Test("the approximation is the formula's, by a factor, wherever a number stands")
    func approximation() {
        let factors = inputs.indices.map { Float($0 % 5) - 2 }
        var values = inputs
        values.withUnsafeMutableBufferPointer { values in
            factors.withUnsafeBufferPointer { factors in
                guard let x = values.baseAddress, let up = factors.baseAddress else { return }
                FloatKernels.multiplyTanhGELU(x, by: up, count: values.count)
            }
        }
        for (index, input) in inputs.enumerated() {
            let x = Double(input)
            let expected = 0.5 * x * (1 + tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x))) * Double(factors[index])
            #expect(abs(Double(values[index]) - expected) <= 1e-5 * max(1, abs(expected)), "\(input)")
        }
        // Alone, each has the same bits.
        for index in inputs.indices {
            var (one, factor) = (inputs[index], factors[index])
            FloatKernels.multiplyTanhGELU(&one, by: &factor, count: 1)
            #expect(one.bitPattern == values[index].bitPattern)
        }
    }

    @Test("the exact one is x times the normal distribution")
    func exact() {
        var values = inputs
        let count = values.count
        FloatKernels.gelu(&values, count: count)
        for (value, input) in zip(values, inputs) {
            let expected = 0.5 * Double(input) * (1 + erf(Double(input) / 2.0.squareRoot()))
            #expect(abs(Double(value) - expected) <= 2e-6 * max(1, abs(expected)), "\(input)")
        }
    }

    @Test("pairs of halves turn by their angles")
    func halves() {
        let angles: [Float] = [0.3, -1.2, 2.5]
        var values: [Float] = [1, 2, 3, 4, 5, 6]
        FloatKernels.rotateHalves(&values, cosines: angles.map { cos($0) }, sines: angles.map { sin($0) }, count: 3)
        for pair in 0..<3 {
            let (x, y, angle) = (Float(pair + 1), Float(pair + 4), angles[pair])
            #expect(abs(values[pair] - (x * cos(angle) - y * sin(angle))) < 1e-6)
            #expect(abs(values[pair + 3] - (y * cos(angle) + x * sin(angle))) < 1e-6)
        }
    }
}
