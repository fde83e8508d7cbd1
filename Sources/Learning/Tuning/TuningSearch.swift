import Control
import Inference

/// The search of a ``ControlTuner``: which settings are tried, in which order, and which are chosen.
///
/// It screens settings on some dozens of prompts. There a mean diversity is off by a hundredth or two, so the search follows a merit from which a
/// breach of a bound takes away, rather than the bounds themselves. The settings of the most merit are then measured on all prompts, and of those that
/// keep the bounds there, the one of the highest reward is chosen.
package final class TuningSearch {
    /// How many prompts settings are screened on.
    package static let screeningPrompts = 96
    /// About how many settings are screened.
    private static let expectedCount = 32
    /// How many are measured on all prompts; as many again for as long as none of them will do.
    private static let finalists = 8
    /// What a breach takes away from the merit: so many standard deviations of the reward for a diversity or a coherence lower by 1, and for a KL higher
    /// by 1 nat.
    private static let (diversityWeight, divergenceWeight) = (10.0, 2.0)

    private var record: TuningRecord
    private let path: String
    private let bounds: TuningBounds
    private let progress: (Int, Int, TuningCandidate) -> Void
    private let promptCount: Int
    private let measuresDivergence: Bool
    private let measure: (ControlSettings, Int) async throws -> TuningCandidate
    private var answers = 0
    private var base: TuningCandidate?
    private var found: [(settings: ControlSettings, candidate: TuningCandidate)] = []

    /// Prepares a search, or takes up one that was interrupted.
    ///
    /// - Parameters:
    ///   - identity: names what is tuned on what.
    ///   - path: the file of what was tried.
    ///   - bounds: what may be lost.
    ///   - promptCount: how many prompts there are.
    ///   - measuresDivergence: whether candidates have a KL, and settings may have a budget for it.
    ///   - progress: told of answers there are, of about how many there will be, and of each candidate.
    ///   - measure: what settings do to so many of the prompts.
    package init(
        identity: String,
        path: String,
        bounds: TuningBounds,
        promptCount: Int,
        measuresDivergence: Bool = true,
        progress: @escaping (Int, Int, TuningCandidate) -> Void,
        measure: @escaping (ControlSettings, _ prompts: Int) async throws -> TuningCandidate
    ) {
        record = TuningRecord.read(path, identity: identity) ?? TuningRecord(identity: identity, bounds: bounds)
        record.bounds = bounds
        self.path = path
        self.bounds = bounds
        self.promptCount = promptCount
        self.measuresDivergence = measuresDivergence
        self.progress = progress
        self.measure = measure
    }

    /// Screens settings, and chooses among the best.
    package func run() async throws -> ControlTuner.Outcome {
        var plain = ControlSettings()
        plain.steps = 0
        let base = try await candidate(plain, screened)
        self.base = base
        var unit = ControlSettings()
        unit.steps = 30
        let probe = try await candidate(unit, screened)
        // Steps that would take u half as far as h is long, were nothing in their way.
        let reach = max(probe.norm, 1e-6)
        var long = unit
        let wanted = 0.5 / reach
        long.stepSize = Float(min(max(wanted, 1e-3), 1000))
        // States may be so long that thirty steps of the largest size lead nowhere.
        if wanted > 1000 { long.steps = Int(min(1000, (30 * wanted / 1000).rounded(.up))) }
        try await tryBounds(long)
        try await tryTargets(long, base: base)
        try await tryDetails(reach: reach)
        try await tryAround()
        let whole = try await candidate(plain, promptCount)
        var gaining: [TuningCandidate] = []
        let chosen = try await choose(over: whole, gaining: &gaining)
        record.chosen = chosen?.settings.named
        try await write()
        let nearest = gaining.min { breach($0, of: whole) < breach($1, of: whole) }
        return ControlTuner.Outcome(settings: chosen?.settings, chosen: chosen?.candidate ?? whole, base: whole, nearest: nearest)
    }

    /// The settings of the highest reward that gain anything and keep the bounds on all prompts, among the first finalists where any does.
    ///
    /// - Parameter gaining: is filled with all that gain anything.
    private func choose(
        over base: TuningCandidate,
        gaining: inout [TuningCandidate]
    ) async throws -> (settings: ControlSettings, candidate: TuningCandidate)? {
        let order = found.sorted { merit($0.candidate) > merit($1.candidate) }
        for first in stride(from: 0, to: order.count, by: Self.finalists) {
            var good: [(settings: ControlSettings, candidate: TuningCandidate)] = []
            for (settings, _) in order[first..<min(first + Self.finalists, order.count)] {
                let result = try await candidate(settings, promptCount)
                guard result.reward > base.reward else { continue }
                gaining.append(result)
                if result.keeps(bounds, base: base) { good.append((settings, result)) }
            }
            if let best = good.max(by: { $0.candidate.reward < $1.candidate.reward }) { return best }
        }
        return nil
    }

    private var screened: Int {
        min(promptCount, Self.screeningPrompts)
    }

    /// Trust regions, budgets, and plain steps without either.
    private func tryBounds(_ long: ControlSettings) async throws {
        for radius: Float in [0.05, 0.1, 0.15, 0.2, 0.3] { try await attempt(long) { $0.maxNorm = radius } }
        if measuresDivergence {
            for budget: Float in [0.05, 0.2, 0.6] { try await attempt(long) { $0.klBudget = budget } }
        }
        for factor: Float in [0.1, 0.25] { try await attempt(long) { $0.stepSize *= factor } }
    }

    /// Values to reach and not to exceed, so many standard deviations of the reward above the model's own, within trust regions: states that are good
    /// already are left alone.
    private func tryTargets(_ long: ControlSettings, base: TuningCandidate) async throws {
        for deviations in [0.6, 1.2, 2.4] {
            let target = Float(base.valueBefore + deviations * base.rewardDeviation)
            for radius: Float in [0.1, 0.2, 0.4] { try await attempt(long) { ($0.targetValue, $0.maxNorm) = (target, radius) } }
        }
    }

    /// The number of steps, the target value, a budget and regularization, at the best so far.
    private func tryDetails(reach: Double) async throws {
        guard let start = best else { return }
        for (steps, factor) in [(10, 3), (60, 0.5)] as [(Int, Float)] {
            try await attempt(start.settings) { ($0.steps, $0.stepSize) = (steps, min($0.stepSize * factor, 1000)) }
        }
        let (before, after) = (start.candidate.valueBefore, start.candidate.valueAfter)
        for part in [0.8, 1.2] {
            let end = start.settings.targetValue.map(Double.init) ?? after
            try await attempt(start.settings) { $0.targetValue = Float(before + part * (end - before)) }
        }
        // Several times the mean: what a budget is for is to bound the tokens that are moved most.
        if measuresDivergence, start.settings.klBudget == nil, let mean = start.candidate.kl {
            try await attempt(start.settings) { $0.klBudget = Float(max(4 * mean, 1e-3)) }
        }
        // Where V is linear, u tends to its gradient over 2λ; one step of length 1 goes as far as the gradient is long.
        let gradient = reach / 30
        for part in [1.0, 2.0] {
            try await attempt(start.settings) { $0.regularization = Float(gradient / (2 * max(start.candidate.norm, 1e-6) * part)) }
        }
    }

    /// A little weaker and stronger than the best so far.
    private func tryAround() async throws {
        guard let settings = best?.settings else { return }
        for factor: Float in [0.8, 0.9, 1.1, 1.25] { try await attempt(settings) { $0 = $0.scaled(by: factor) } }
    }

    /// What has the most merit so far.
    private var best: (settings: ControlSettings, candidate: TuningCandidate)? {
        found.max { merit($0.candidate) < merit($1.candidate) }
    }

    private func merit(_ candidate: TuningCandidate) -> Double {
        guard let base else { return candidate.reward }
        // Rewards that the model's own answers hardly ever get differ little among those, and much where control finds them.
        let deviation = found.reduce(base.rewardDeviation) { max($0, $1.candidate.rewardDeviation) }
        return candidate.reward - deviation * breach(candidate, of: base)
    }

    /// By how much a candidate breaks the bounds; 0 where it keeps them.
    private func breach(_ candidate: TuningCandidate, of base: TuningCandidate) -> Double {
        let diversity = max(0, base.diversity - bounds.diversityLoss - candidate.diversity)
        let coherence = max(0, candidate.coherenceLoss(from: base) - bounds.coherenceLoss)
        let divergence = max(0, (candidate.kl ?? 0) - bounds.meanKL)
        return Self.diversityWeight * (diversity + coherence) + Self.divergenceWeight * divergence
    }

    private func attempt(_ settings: ControlSettings, _ change: (inout ControlSettings) -> Void) async throws {
        var changed = settings
        change(&changed)
        // What a rule comes to twice is one candidate.
        guard !found.contains(where: { $0.settings == changed }) else { return }
        found.append((changed, try await candidate(changed, screened)))
    }

    /// What settings do to so many prompts: from the record, where that was measured before.
    private func candidate(_ settings: ControlSettings, _ prompts: Int) async throws -> TuningCandidate {
        let named = settings.named
        let result: TuningCandidate
        if let known = record.candidates.first(where: { $0.settings == named && $0.prompts == prompts }) {
            result = known
        } else {
            try Task.checkCancellation()
            result = try await measure(settings, prompts)
            record.candidates.append(result)
            try await write()
        }
        answers += prompts
        progress(answers, max(Self.expectedCount * screened + (Self.finalists + 1) * promptCount, answers), result)
        return result
    }

    private func write() async throws {
        let (record, path) = (record, path)
        try await OffPool.run { try record.write(path) }
    }
}
