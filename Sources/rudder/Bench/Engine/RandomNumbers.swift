/// A linear congruential generator: the same numbers in every run, on every machine.
struct RandomNumbers {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    /// Numbers spread evenly between `-bound` and `bound`.
    mutating func floats(_ count: Int, within bound: Float) -> [Float] {
        (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (Float(state >> 40) / Float(1 << 23) - 1) * bound
        }
    }
}
