import Compute

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

    /// The logit of the token that was chosen last, before bias and penalties.
    package private(set) var chosenLogit: Float = 0

    /// Makes the sampler of a sequence.
    package init(parameters: SamplingParameters, prompt: [Int32]) {
        self.parameters = parameters
        random = RandomSource(seed: parameters.seed ?? UInt64.random(in: 0 ... .max))
        adjuster = LogitAdjuster(parameters: parameters, prompt: prompt)
    }

    /// Chooses a token.
    ///
    /// - Parameters:
    ///   - logits: all finite; bias and penalties change them.
    ///   - likeliest: the first of the largest of them.
    ///   - allowed: the tokens that may be chosen, not none; nil for all. The others' logits are lowered beyond every chance.
    ///   - workspace: memory that no one else uses meanwhile.
    package mutating func sample(
        _ logits: inout MutableSpan<Float>,
        likeliest: Int,
        allowed: TokenMask? = nil,
        workspace: SamplerWorkspace
    ) -> Int32 {
        let isChanged = adjuster.adjust(&logits) || allowed != nil
        allowed?.apply(to: &logits)
        let likeliest = Int32(isChanged ? FloatKernels.largest(logits.span)?.index ?? likeliest : likeliest)
        let token = parameters.temperature == 0 ? likeliest : draw(logits.span, likeliest, workspace)
        chosenLogit = adjuster.original(of: token, logits.span)
        adjuster.note(token)
        return token
    }

    private mutating func draw(_ logits: Span<Float>, _ likeliest: Int32, _ workspace: SamplerWorkspace) -> Int32 {
        let largest = logits[Int(likeliest)]
        let topK = parameters.topK.flatMap { $0 < logits.count ? $0 : nil }
        guard topK != nil || parameters.topP < 1 || parameters.minP > 0 else {
            _ = workspace.sum(logits, largest: largest, temperature: parameters.temperature)
            return workspace.token(at: random.uniform(), count: logits.count) ?? likeliest
        }
        let sum: Double
        if let topK {
            sum = keepLikeliest(topK, logits, largest, workspace)
        } else if parameters.minP > 0 {
            sum = keepNear(logits, largest, workspace)
        } else {
            sum = keepProbable(logits, largest, workspace)
        }
        workspace.nucleus.keep(share: parameters.topP, of: sum)
        return workspace.nucleus.token(at: random.uniform()) ?? likeliest
    }

    /// The tokens that top-k and min-p leave.
    ///
    /// - Returns: the sum of their weights.
    private func keepLikeliest(_ count: Int, _ logits: Span<Float>, _ largest: Float, _ workspace: SamplerWorkspace) -> Double {
        var best = TopSelection(count: count)
        for i in 0..<logits.count { best.offer(index: Int32(i), value: logits[i]) }
        workspace.nucleus.removeAll()
        for entry in best.sorted() { keep(entry.index, entry.value, largest, workspace) }
        return workspace.nucleus.sum
    }

    /// The tokens that min-p leaves. Only of those whose logits are near enough to the largest are weights computed.
    ///
    /// - Returns: the sum of their weights.
    private func keepNear(_ logits: Span<Float>, _ largest: Float, _ workspace: SamplerWorkspace) -> Double {
        // A little farther than the bound is, for it is rounded, as is the difference of two logits.
        let reach = parameters.temperature * log(parameters.minP)
        let nearest = largest + reach - 1e-3 * (1 - reach) - 1e-5 * abs(largest)
        workspace.nucleus.removeAll()
        for i in 0..<logits.count where logits[i] >= nearest { keep(Int32(i), logits[i], largest, workspace) }
        return workspace.nucleus.sum
    }

    private func keep(_ token: Int32, _ logit: Float, _ largest: Float, _ workspace: SamplerWorkspace) {
        let weight = exp((logit - largest) / parameters.temperature)
        if weight > 0, weight >= parameters.minP { workspace.nucleus.append(.init(index: token, value: weight)) }
    }

    /// The tokens that top-p can keep. All that are less probable than (1 - top-p) / vocabulary together have less than 1 - top-p, so they need
    /// no looking at.
    ///
    /// - Returns: the sum of all weights.
    private func keepProbable(_ logits: Span<Float>, _ largest: Float, _ workspace: SamplerWorkspace) -> Double {
        let sum = workspace.sum(logits, largest: largest, temperature: parameters.temperature)
        let least = Float(sum * Double(1 - parameters.topP) / Double(logits.count)) * 0.999
        workspace.keep(weightsFrom: least, count: logits.count)
        return sum
    }
}
