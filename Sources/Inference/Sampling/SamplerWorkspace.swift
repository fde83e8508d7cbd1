import Compute

/// Memory for drawing tokens, shared by all samplers of a thread, one after the other.
package final class SamplerWorkspace {
    /// Candidates to draw from.
    var nucleus = Nucleus(entries: [])
    private var weights: [Float] = []
    private var blockSums: [Double] = []

    /// Weights are summed in blocks of this many.
    private static let blockLength = 256

    /// An empty workspace; it grows to the vocabulary's size when it is first used.
    package init() {}

    /// The sum of exp((logit - largest) / temperature) over all logits.
    ///
    /// - Parameter largest: the largest of the logits, which are all finite.
    func sum(_ logits: Span<Float>, largest: Float, temperature: Float = 1) -> Double {
        let count = logits.count
        if weights.count < count { weights = [Float](repeating: 0, count: count) }
        blockSums.removeAll(keepingCapacity: true)
        // The inverse of the smallest temperatures there are is infinite, and infinity times 0 no number.
        let scale = min(1 / temperature, .greatestFiniteMagnitude)
        var total = 0.0
        for start in stride(from: 0, to: count, by: Self.blockLength) {
            let block = start..<min(start + Self.blockLength, count)
            let sum = Double(FloatKernels.exponentials(logits, block, shift: largest, scale: scale, into: &weights))
            blockSums.append(sum)
            total += sum
        }
        return total
    }

    /// The token at a point from 0 to just below 1 of all weights, after ``sum(_:largest:temperature:)`` of as many logits.
    func token(at point: Double, count: Int) -> Int32? {
        var rest = point * blockSums.reduce(0, +)
        var last: Int?
        for (block, sum) in blockSums.enumerated() where sum > 0 {
            last = block
            if rest < sum { break }
            rest -= sum
        }
        guard let last else { return nil }
        let start = last * Self.blockLength
        var token: Int32?
        for i in start..<min(start + Self.blockLength, count) where weights[i] > 0 {
            token = Int32(i)
            if rest < Double(weights[i]) { break }
            rest -= Double(weights[i])
        }
        return token
    }

    /// Makes the tokens whose weight reaches a bound the nucleus, after ``sum(_:largest:temperature:)`` of as many logits.
    func keep(weightsFrom least: Float, count: Int) {
        nucleus.removeAll()
        for i in 0..<count where weights[i] >= least && weights[i] > 0 { nucleus.append(.init(index: Int32(i), value: weights[i])) }
    }
}
