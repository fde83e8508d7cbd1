/// e to the power of each lane, to 3e-13 of the result; 0 below -708. Lanes must not be above 709; what becomes of those that are none is
/// not said.
///
/// x = n ln 2 + r with |r| <= ln 2 / 2: a polynomial in r, times 2 to the power of n by the exponent's bits.
@inline(__always)
func exponential(_ x: SIMD4<Double>) -> SIMD4<Double> {
    let bounded = x.replacing(with: -708, where: x .< -708)
    // Adding 1.5 · 2^52 rounds to a whole number and leaves it in the lowest bits.
    let shifted = bounded * 1.4426950408889634 + 0x1.8p52
    let n = shifted - 0x1.8p52
    let r = bounded - n * 0.693147180369123816490 - n * 1.90821492927058770002e-10
    var sum = SIMD4<Double>(repeating: 1.0 / 3_628_800)
    sum = sum * r + 1.0 / 362_880
    sum = sum * r + 1.0 / 40_320
    sum = sum * r + 1.0 / 5_040
    sum = sum * r + 1.0 / 720
    sum = sum * r + 1.0 / 120
    sum = sum * r + 1.0 / 24
    sum = sum * r + 1.0 / 6
    sum = sum * r + 0.5
    sum = sum * r + 1
    sum = sum * r + 1
    let exponent = unsafeBitCast(shifted, to: SIMD4<Int64>.self) &<< 52
    let power = unsafeBitCast(unsafeBitCast(sum, to: SIMD4<Int64>.self) &+ exponent, to: SIMD4<Double>.self)
    return power.replacing(with: 0, where: x .< -708)
}
