/// Means, variance and covariance of pairs in which those of long ago count little.
struct DecayingMoments {
    private(set) var count = 0
    private(set) var meanX = 0.0
    private(set) var meanY = 0.0
    private(set) var variance = 0.0
    private(set) var covariance = 0.0
    private let memory: Int

    /// The past counts as much as so many pairs at most.
    init(memory: Int) {
        self.memory = memory
    }

    mutating func add(_ x: Double, _ y: Double) {
        count += 1
        let weight = 1 / Double(min(count, memory))
        let (fromX, fromY) = (x - meanX, y - meanY)
        meanX += weight * fromX
        meanY += weight * fromY
        variance = (1 - weight) * (variance + weight * fromX * fromX)
        covariance = (1 - weight) * (covariance + weight * fromX * fromY)
    }
}
