/// A mean in which what was measured long ago counts little.
struct DecayingMean {
    private(set) var value = 0.0
    /// How often it was measured.
    private(set) var count = 0

    /// Adds a measurement. The first few count alike; one far above all before counts as less, for something else had the processor.
    mutating func add(_ measured: Double) {
        count += 1
        let sample = count > 4 ? min(measured, 3 * value) : measured
        value += (sample - value) / Double(min(count, 8))
    }
}
