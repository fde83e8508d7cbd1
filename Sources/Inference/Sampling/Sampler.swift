#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Chooses the tokens of one sequence: bias, penalties, temperature, top-k, min-p, top-p, and then a draw.
///
/// What it draws depends on the logits, the parameters, the tokens so far and the seed alone.
package struct Sampler {
    private let parameters: SamplingParameters
    private var random: RandomSource
    private var adjuster: LogitAdjuster
    /// Sums of the weights of `blockLength` tokens each: room for a draw from all tokens.
    private var blockSums: [Double] = []
    private static let blockLength = 256

    /// The logit of the token that was chosen last, before bias and penalties.
    package private(set) var chosenLogit: Float = 0

    package init(parameters: SamplingParameters, prompt: [Int32]) {
        self.parameters = parameters
        random = RandomSource(seed: parameters.seed ?? UInt64.random(in: 0 ... .max))
        adjuster = LogitAdjuster(parameters: parameters, prompt: prompt)
    }

    /// Chooses a token. The logits, all finite, are changed by bias and penalties.
    package mutating func sample(_ logits: inout MutableSpan<Float>) -> Int32 {
        adjuster.adjust(&logits)
        let likeliest = Self.argmax(logits.span)
        let token = parameters.temperature == 0 ? likeliest : draw(logits.span, likeliest)
        chosenLogit = adjuster.original(of: token, logits.span)
        adjuster.note(token)
        return token
    }

    private static func argmax(_ logits: Span<Float>) -> Int32 {
        var best = 0
        for i in 0..<logits.count where logits[i] > logits[best] { best = i }
        return Int32(best)
    }

    private mutating func draw(_ logits: Span<Float>, _ likeliest: Int32) -> Int32 {
        let (largest, temperature) = (logits[Int(likeliest)], parameters.temperature)
        // Divided, not multiplied by the inverse, which is infinite for the smallest temperatures there are.
        func weight(_ logit: Float) -> Float { expf((logit - largest) / temperature) }
        let topK = parameters.topK.flatMap { $0 < logits.count ? $0 : nil }
        guard topK != nil || parameters.topP < 1 || parameters.minP > 0 else { return drawFromAll(logits, weight) ?? likeliest }
        var (nucleus, sum) = topK.map { self.likeliest($0, logits, weight) } ?? probable(logits, weight)
        nucleus.keep(share: parameters.topP, of: sum)
        return nucleus.token(at: random.uniform()) ?? likeliest
    }

    /// Weights are computed once, and a second time only for the block that the draw falls into.
    private mutating func drawFromAll(_ logits: Span<Float>, _ weight: (Float) -> Float) -> Int32? {
        blockSums.removeAll(keepingCapacity: true)
        for start in stride(from: 0, to: logits.count, by: Self.blockLength) {
            var sum = 0.0
            for i in start..<min(start + Self.blockLength, logits.count) { sum += Double(weight(logits[i])) }
            blockSums.append(sum)
        }
        var point = random.uniform() * blockSums.reduce(0, +)
        var last: Int?
        for (block, sum) in blockSums.enumerated() where sum > 0 {
            last = block
            if point < sum { break }
            point -= sum
        }
        guard let last else { return nil }
        var token: Int32?
        let start = last * Self.blockLength
        for i in start..<min(start + Self.blockLength, logits.count) {
            let share = Double(weight(logits[i]))
            guard share > 0 else { continue }
            token = Int32(i)
            if point < share { break }
            point -= share
        }
        return token
    }

    /// The tokens that top-k and min-p leave, and the sum of their weights.
    private func likeliest(_ count: Int, _ logits: Span<Float>, _ weight: (Float) -> Float) -> (Nucleus, sum: Double) {
        var best = TopSelection(count: count)
        for i in 0..<logits.count { best.offer(index: Int32(i), value: logits[i]) }
        let entries = best.sorted().map { TopSelection.Entry(index: $0.index, value: weight($0.value)) }
            .filter { $0.value > 0 && $0.value >= parameters.minP }
        return (Nucleus(entries: entries), entries.reduce(0) { $0 + Double($1.value) })
    }

    /// The tokens that min-p leaves and that top-p can keep, and the sum of the weights that min-p leaves. All that are less probable than
    /// (1 - top-p) / vocabulary together have less than 1 - top-p, so they need no looking at.
    private func probable(_ logits: Span<Float>, _ weight: (Float) -> Float) -> (Nucleus, sum: Double) {
        var sum = 0.0
        for i in 0..<logits.count {
            let value = weight(logits[i])
            if value >= parameters.minP { sum += Double(value) }
        }
        let least = max(parameters.minP, Float(sum * Double(1 - parameters.topP) / Double(logits.count)) * 0.999)
        var entries: [TopSelection.Entry] = []
        for i in 0..<logits.count {
            let value = weight(logits[i])
            if value >= least, value > 0 { entries.append(.init(index: Int32(i), value: value)) }
        }
        return (Nucleus(entries: entries), sum)
    }
}
