/// Random numbers that are the same for the same seed on every machine, whatever else runs (SplitMix64, Steele et al., OOPSLA 2014).
package struct RandomSource: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// Starts a sequence of numbers.
    package init(seed: UInt64) {
        state = seed
    }

    /// The next 64 bits.
    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    /// A number from 0 to just below 1, of 53 bits.
    package mutating func uniform() -> Double {
        Double(next() >> 11) * 0x1p-53
    }
}
