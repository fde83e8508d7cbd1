import Control

/// The search of a ``ControlTuner``: which settings are tried, in which order, and which is the best so far.
final class TuningSearch {
    /// About how many settings are tried.
    static let expectedCount = 36
    /// Rewards that differ by less do not count as better.
    private static let leastGain = 0.003

    private var record: TuningRecord
    private let path: String
    private let bounds: TuningBounds
    private let progress: (Int, Int, TuningCandidate) -> Void
    private let measure: (ControlSettings) async throws -> TuningCandidate
    private var tried = 0
    private var base: TuningCandidate?
    private var best: (settings: ControlSettings, candidate: TuningCandidate)?

    init(
        record: TuningRecord,
        path: String,
        bounds: TuningBounds,
        progress: @escaping (Int, Int, TuningCandidate) -> Void,
        measure: @escaping (ControlSettings) async throws -> TuningCandidate
    ) {
        self.record = record
        self.path = path
        self.bounds = bounds
        self.progress = progress
        self.measure = measure
    }

    /// Tries settings until the finer look is done.
    func run() async throws -> ControlTuner.Outcome {
        var plain = ControlSettings()
        plain.steps = 0
        let base = try await candidate(plain)
        self.base = base
        var unit = ControlSettings()
        unit.steps = 30
        let probe = try await candidate(unit)
        // Steps that would take u half as far as h is long, were nothing in their way.
        let reach = max(probe.norm, 1e-6)
        var long = unit
        long.stepSize = Float(min(max(0.5 / reach, 1e-3), 1000))
        try await tryBounds(long)
        try await tryPlainSteps(long)
        try await tryDetails(reach: reach)
        try await tryAround()
        record.chosen = best?.settings.named
        try record.write(path)
        return ControlTuner.Outcome(settings: best?.settings, chosen: best?.candidate ?? base, base: base)
    }

    private func tryBounds(_ long: ControlSettings) async throws {
        for radius: Float in [0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4] {
            try await attempt(long) { $0.maxNorm = radius }
        }
        let radius = best?.settings.maxNorm
        for budget: Float in [0.1, 0.2, 0.4, 0.8] {
            try await attempt(long) { $0.klBudget = budget }
            guard let radius else { continue }
            for factor: Float in [1.3, 1.8] {
                try await attempt(long) { ($0.maxNorm, $0.klBudget) = (radius * factor, budget) }
            }
        }
    }

    private func tryPlainSteps(_ long: ControlSettings) async throws {
        for factor: Float in [0.1, 0.2, 0.3, 0.5] { try await attempt(long) { $0.stepSize *= factor } }
    }

    private func tryDetails(reach: Double) async throws {
        guard let start = best else { return }
        for (steps, factor) in [(10, 3), (60, 0.5)] as [(Int, Float)] {
            try await attempt(start.settings) { ($0.steps, $0.stepSize) = (steps, min($0.stepSize * factor, 1000)) }
        }
        let (before, after) = (start.candidate.valueBefore, start.candidate.valueAfter)
        for part in [0.7, 1.2] {
            try await attempt(best?.settings ?? start.settings) { $0.targetValue = Float(before + part * (after - before)) }
        }
        // Where V is linear, u tends to its gradient over 2λ; one step of length 1 goes as far as the gradient is long.
        let gradient = reach / 30
        for part in [1.0, 2.0] {
            try await attempt(best?.settings ?? start.settings) {
                $0.regularization = Float(gradient / (2 * max(start.candidate.norm, 1e-6) * part))
            }
        }
    }

    private func tryAround() async throws {
        for factor: Float in [0.85, 1.15] {
            guard let settings = best?.settings else { return }
            if let radius = settings.maxNorm { try await attempt(settings) { $0.maxNorm = radius * factor } }
            if let budget = settings.klBudget { try await attempt(settings) { $0.klBudget = budget * factor } }
            if settings.maxNorm == nil, settings.klBudget == nil { try await attempt(settings) { $0.stepSize *= factor } }
        }
    }

    private func attempt(_ settings: ControlSettings, _ change: (inout ControlSettings) -> Void) async throws {
        var changed = settings
        change(&changed)
        let found = try await candidate(changed)
        guard let base, found.keeps(bounds, base: base) else { return }
        let bar = best?.candidate.reward ?? base.reward
        if found.reward > bar + Self.leastGain { best = (changed, found) }
    }

    /// What settings do: from the record, where they were tried before.
    private func candidate(_ settings: ControlSettings) async throws -> TuningCandidate {
        let named = settings.named
        let found: TuningCandidate
        if let known = record.candidates.first(where: { $0.settings == named }) {
            found = known
        } else {
            try Task.checkCancellation()
            found = try await measure(settings)
            record.candidates.append(found)
            try record.write(path)
        }
        tried += 1
        progress(tried, max(Self.expectedCount, tried), found)
        return found
    }
}
