import CKernels

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

extension FloatKernels {
    /// gate = gelu(gate) * up, by the approximation with the hyperbolic tangent (arXiv:1606.08415, section 2):
    /// gelu(x) = x / (1 + exp(-2a)) with a = √(2/π) (x + 0.044715 x³).
    public static func multiplyTanhGELU(_ gate: UnsafeMutablePointer<Float>, by up: UnsafePointer<Float>, count: Int) {
        let kernel = KernelSet.best.table.exponentials
        withUnsafeTemporaryAllocation(of: Float.self, capacity: chunk) { buffer in
            guard let exponents = buffer.baseAddress else { return }
            for first in stride(from: 0, to: count, by: chunk) {
                let size = min(chunk, count - first)
                let x = gate + first
                // Always a whole chunk, so that a number's result does not depend on where it stands.
                exponents.update(repeating: 0, count: chunk)
                for index in 0..<size { exponents[index] = -1.595_769_1 * (x[index] + 0.044_715 * x[index] * x[index] * x[index]) }
                _ = kernel(exponents, 0, 1, Int64(chunk), exponents)
                for index in 0..<size { x[index] = x[index] / (1 + exponents[index]) * up[first + index] }
            }
        }
    }

    /// x = gelu(x) = x Φ(x), Φ the distribution function of the standard normal (arXiv:1606.08415).
    public static func gelu(_ x: UnsafeMutablePointer<Float>, count: Int) {
        for index in 0..<count { x[index] = 0.5 * x[index] * (1 + erff(x[index] * 0.707_106_78)) }
    }

    private static var chunk: Int { 16 }

    /// Turns in place the `count` pairs of a number of the first half and the number at the same place of the second, by the angles whose cosines and
    /// sines are given.
    public static func rotateHalves(
        _ halves: UnsafeMutablePointer<Float>,
        cosines: UnsafePointer<Float>,
        sines: UnsafePointer<Float>,
        count: Int
    ) {
        let second = halves + count
        for index in 0..<count {
            let (x, y) = (halves[index], second[index])
            halves[index] = x * cosines[index] - y * sines[index]
            second[index] = y * cosines[index] + x * sines[index]
        }
    }
}
