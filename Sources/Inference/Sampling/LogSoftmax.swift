#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The normalization of one row of logits.
struct LogSoftmax {
    /// The largest logit.
    let largest: Float
    /// log Σ exp(logit - largest), in double precision.
    let logSum: Double

    /// Sums logits up, all finite, of which `largest` is the largest.
    init(_ logits: Span<Float>, largest: Float, workspace: SamplerWorkspace) {
        self.largest = largest
        logSum = log(workspace.sum(logits, largest: largest))
    }

    /// The log-probability that belongs to a logit.
    func logprob(_ logit: Float) -> Float {
        Float(Double(logit) - Double(largest) - logSum)
    }

    /// The likeliest tokens, ties in order of their ids.
    func top(_ count: Int, _ logits: Span<Float>) -> [TokenLogprobs.Alternative] {
        guard count > 0 else { return [] }
        var best = TopSelection(count: count)
        for i in 0..<logits.count { best.offer(index: Int32(i), value: logits[i]) }
        return best.sorted().map { TokenLogprobs.Alternative(token: $0.index, logprob: logprob($0.value)) }
    }

    /// A token's log-probability and the best alternatives.
    func report(_ token: Int32, top count: Int, _ logits: Span<Float>) -> TokenLogprobs {
        let isListed = token >= 0 && Int(token) < logits.count
        return TokenLogprobs(token: token, logprob: isListed ? logprob(logits[Int(token)]) : nil, top: top(count, logits))
    }
}
