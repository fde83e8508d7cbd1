/// Measures what steps take, and so tells how much of the prompts a step may compute without holding up those that decode: it shall take
/// about ``stretch`` times as long as without. Where nobody decodes, there is no such bound.
package struct StepPacer {
    /// How many times as long as a step that only decodes one may take that computes prompts, too.
    package static let stretch = 2.0
    /// After so many steps with prompts one is left without, to measure anew what decoding alone takes: sooner at first, for a first step may
    /// take long for reasons of its own.
    private static let (firstInterval, longestInterval) = (8, 48)
    /// A lone piece of a prompt must be this long for its time to tell what one token adds to others.
    private static let leastLonePiece = 32

    /// What a step takes in which so many sequences decode, by their number.
    private var decodeSeconds: [DecayingMean]
    /// When that was last measured.
    private var measuredAt: [Int]
    private var cost = PromptCost()
    private var steps = 0

    /// Nothing is measured yet.
    package init(maximumSequences: Int) {
        decodeSeconds = [DecayingMean](repeating: DecayingMean(), count: max(maximumSequences, 0) + 1)
        measuredAt = [Int](repeating: 0, count: decodeSeconds.count)
    }

    /// For how long the next step may compute prompts beside so many sequences that decode; nil where there is no bound.
    package func promptSeconds(decoding: Int) -> Double? {
        guard decoding > 0, decodeSeconds.indices.contains(decoding) else { return nil }
        let plain = decodeSeconds[decoding]
        let interval = min(Self.firstInterval * plain.count, Self.longestInterval)
        return steps - measuredAt[decoding] >= interval ? 0 : (Self.stretch - 1) * plain.value
    }

    /// How many tokens of a prompt, from a position on, take about so long.
    package func tokenCount(seconds: Double, from position: Int) -> Int {
        Int(min(max(cost.count(seconds: seconds, from: position), 0), 1e9).rounded())
    }

    /// How long tokens of a prompt take.
    package func seconds(_ count: Int, from position: Int) -> Double {
        Double(count) * cost.secondsPerToken(at: Double(position) + Double(count) / 2)
    }

    /// Takes note of how long a step took.
    package mutating func note(_ work: StepWork, seconds: Double) {
        steps += 1
        guard decodeSeconds.indices.contains(work.decoding) else { return }
        if work.promptTokens == 0 {
            decodeSeconds[work.decoding].add(seconds)
            measuredAt[work.decoding] = steps
            return
        }
        let count = Double(work.promptTokens)
        let position = Double(work.promptPositions) / count
        if work.decoding == 0 {
            if work.promptTokens >= Self.leastLonePiece { cost.add(secondsPerToken: seconds / count, position: position) }
        } else if decodeSeconds[work.decoding].count > 0 {
            cost.add(secondsPerToken: max(0, seconds - decodeSeconds[work.decoding].value) / count, position: position)
        }
    }
}
