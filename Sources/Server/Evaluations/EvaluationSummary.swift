import Inference
import Learning

/// What all lines of an evaluation come to: counts, means over the answers, and who won by value. Of a size that does not grow with the lines.
package struct EvaluationSummary: Sendable {
    /// Means over one kind of answers.
    private struct Answers: Sendable {
        var count = 0
        var usage = Usage()
        var diversity = 0.0
        var finishReasons: [FinishReason: Int] = [:]

        mutating func add(_ answer: EvaluationAnswer) {
            count += 1
            usage.promptTokens += answer.usage.promptTokens
            usage.cachedTokens += answer.usage.cachedTokens
            usage.completionTokens += answer.usage.completionTokens
            diversity += Diversity.of(answer.choice.text)
            finishReasons[answer.choice.summary.finishReason, default: 0] += 1
        }

        func write(to writer: inout JSONWriter) {
            writer.member("answers", count)
            writer.name("usage")
            usage.write(to: &writer)
            writer.member("mean_tokens", optional: mean(Double(usage.completionTokens)))
            writer.member("diversity", optional: mean(diversity))
            writer.name("finish_reasons")
            writer.object { writer in
                for (reason, count) in finishReasons.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
                    writer.member(reason.rawValue, count)
                }
            }
        }

        private func mean(_ sum: Double) -> Float? {
            count > 0 ? Float(sum / Double(count)) : nil
        }
    }

    /// What answers steered by the same value functions come to.
    private struct Heads: Sendable {
        var report: ControlReport
        var baseValue = 0.0
        var wins = 0
        var ties = 0
        var losses = 0

        var compared: Int { wins + ties + losses }
    }

    private let start = ContinuousClock.now
    /// How many lines were answered, those with an error among them.
    package private(set) var lines = 0
    /// How many lines were answered with an error.
    package private(set) var errors = 0
    private var steered = Answers()
    private var base = Answers()
    private var heads: [String: Heads] = [:]

    /// More mixtures than these are not told apart; the rest is counted together.
    private static let maximumHeads = 256

    /// Starts the clock.
    package init() {}

    /// Takes a line's result in.
    package mutating func add(_ result: EvaluationResult) {
        lines += 1
        switch result.outcome {
        case .failed: errors += 1
        case .answered(let answer, let base, _):
            steered.add(answer)
            if let base { self.base.add(base) }
            guard let control = answer.control, let summary = answer.choice.summary.control else { return }
            var name = control.heads.map { "\($0.name)@\($0.version)" + (control.heads.count > 1 ? "*\($0.weight)" : "") }.joined(
                separator: "+"
            )
            if heads[name] == nil, heads.count >= Self.maximumHeads { name = "others" }
            var entry = heads[name] ?? Heads(report: ControlReport(heads: control.heads))
            entry.report.add(summary)
            if let value = answer.value, let other = base?.value {
                entry.baseValue += Double(other)
                if value > other { entry.wins += 1 } else if value < other { entry.losses += 1 } else { entry.ties += 1 }
            }
            heads[name] = entry
        }
    }

    /// The tokens of all answers.
    package var usage: Usage {
        Usage(
            promptTokens: steered.usage.promptTokens + base.usage.promptTokens,
            cachedTokens: steered.usage.cachedTokens + base.usage.cachedTokens,
            completionTokens: steered.usage.completionTokens + base.usage.completionTokens
        )
    }

    /// The last line of the answer.
    package func bytes(comparesBase: Bool) -> [UInt8] {
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let tokens = steered.usage.completionTokens + base.usage.completionTokens
        var writer = JSONWriter()
        writer.object { writer in
            writer.name("summary")
            writer.object { writer in
                writer.member("lines", lines)
                writer.member("errors", errors)
                steered.write(to: &writer)
                writer.member("seconds", seconds)
                writer.member("tokens_per_second", seconds > 0 ? Double(tokens) / seconds : 0)
                writer.name("control")
                writer.object { writer in
                    for (name, entry) in heads.sorted(by: { $0.key < $1.key }) {
                        writer.name(name)
                        writer.object { writer in
                            entry.report.writeMeans(to: &writer)
                            guard comparesBase else { return }
                            write(entry, to: &writer)
                        }
                    }
                }
                writer.name("base")
                guard comparesBase else { return writer.null() }
                writer.object { writer in base.write(to: &writer) }
            }
        }
        writer.append("\n")
        return writer.bytes
    }

    /// Writes how answers steered by some heads stand to those that were not: by the mean value of the states before control moves them, which is
    /// the same measure for both. A tie is half a win.
    private func write(_ entry: Heads, to writer: inout JSONWriter) {
        let count = Double(entry.compared)
        writer.member("base_value", optional: entry.compared > 0 ? Float(entry.baseValue / count) : nil)
        writer.member("wins", entry.wins)
        writer.member("ties", entry.ties)
        writer.member("losses", entry.losses)
        writer.member("win_rate", optional: entry.compared > 0 ? Float((Double(entry.wins) + Double(entry.ties) / 2) / count) : nil)
    }
}
