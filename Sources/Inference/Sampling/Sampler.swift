#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Chooses the tokens of one sequence: bias, penalties, temperature, top-k, top-p, min-p, and then a draw.
///
/// What it draws depends on the logits, the parameters, the tokens so far and the seed alone.
package struct Sampler {
    private let parameters: SamplingParameters
    private var random: RandomSource
    /// How often each token was generated.
    private var generated: [Int32: Int] = [:]
    /// The tokens of the prompt, kept only where the repetition penalty needs them.
    private let prompt: Set<Int32>

    package init(parameters: SamplingParameters, prompt: [Int32]) {
        self.parameters = parameters
        random = RandomSource(seed: parameters.seed ?? UInt64.random(in: 0 ... .max))
        self.prompt = parameters.repetitionPenalty == 1 ? [] : Set(prompt)
    }

    /// Chooses a token. The logits, all finite, are changed by bias and penalties.
    package mutating func sample(_ logits: inout MutableSpan<Float>) -> Int32 {
        adjust(&logits)
        let token = parameters.temperature == 0 ? Self.argmax(logits.span) : draw(logits.span)
        generated[token, default: 0] += 1
        return token
    }

    private func adjust(_ logits: inout MutableSpan<Float>) {
        for (token, bias) in parameters.logitBias where token >= 0 && Int(token) < logits.count {
            logits[Int(token)] += bias
        }
        let penalty = parameters.repetitionPenalty
        if penalty != 1 {
            for token in prompt.union(generated.keys) where token >= 0 && Int(token) < logits.count {
                let logit = logits[Int(token)]
                logits[Int(token)] = logit > 0 ? logit / penalty : logit * penalty
            }
        }
        if parameters.presencePenalty != 0 || parameters.frequencyPenalty != 0 {
            for (token, count) in generated where Int(token) < logits.count {
                logits[Int(token)] -= parameters.presencePenalty + Float(count) * parameters.frequencyPenalty
            }
        }
    }

    private static func argmax(_ logits: Span<Float>) -> Int32 {
        var best = 0
        for i in 0..<logits.count where logits[i] > logits[best] { best = i }
        return Int32(best)
    }

    private mutating func draw(_ logits: Span<Float>) -> Int32 {
        let largest = logits[Int(Self.argmax(logits))]
        let inverse = 1 / parameters.temperature
        func weight(_ logit: Float) -> Float { expf((logit - largest) * inverse) }
        guard parameters.topK != nil || parameters.topP < 1 || parameters.minP > 0 else {
            return drawFromAll(logits, weight)
        }
        let kept = nucleus(parameters.topK.map { likeliest($0, logits, weight) } ?? probable(logits, weight))
        var point = random.uniform() * kept.reduce(0.0) { $0 + Double($1.value) }
        for entry in kept {
            point -= Double(entry.value)
            if point < 0 { return entry.index }
        }
        return kept.last?.index ?? Self.argmax(logits)
    }

    private mutating func drawFromAll(_ logits: Span<Float>, _ weight: (Float) -> Float) -> Int32 {
        var sum = 0.0
        for i in 0..<logits.count { sum += Double(weight(logits[i])) }
        var point = random.uniform() * sum
        var last = 0
        for i in 0..<logits.count {
            let share = Double(weight(logits[i]))
            guard share > 0 else { continue }
            point -= share
            last = i
            if point < 0 { break }
        }
        return Int32(last)
    }

    /// The tokens that top-k and min-p leave, and their sum. Weights are relative to the likeliest token's, which is 1.
    private func likeliest(_ count: Int, _ logits: Span<Float>, _ weight: (Float) -> Float) -> Candidates {
        var best = TopSelection(count: min(count, logits.count))
        for i in 0..<logits.count { best.offer(index: Int32(i), value: weight(logits[i])) }
        let entries = best.sorted().filter { $0.value >= parameters.minP }
        return Candidates(entries: entries, sum: entries.reduce(0) { $0 + Double($1.value) })
    }

    /// The tokens that min-p leaves and that top-p can keep. All that are less probable than (1 - top-p) / vocabulary together have less
    /// than 1 - top-p, so they need no sorting.
    private func probable(_ logits: Span<Float>, _ weight: (Float) -> Float) -> Candidates {
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
        entries.sort { $1.isBelow($0) }
        return Candidates(entries: entries, sum: sum)
    }

    /// The shortest run of the likeliest tokens that has the probability top-p, never empty.
    private func nucleus(_ candidates: Candidates) -> ArraySlice<TopSelection.Entry> {
        guard parameters.topP < 1 else { return candidates.entries[...] }
        let wanted = candidates.sum * Double(parameters.topP)
        var sum = 0.0
        for (index, entry) in candidates.entries.enumerated() {
            sum += Double(entry.value)
            if sum >= wanted { return candidates.entries[...index] }
        }
        return candidates.entries[...]
    }

    /// Tokens to draw from, likeliest first, and the sum of the weights they were taken from.
    private struct Candidates {
        let entries: [TopSelection.Entry]
        let sum: Double
    }
}
