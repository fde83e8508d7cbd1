import Control
import Foundation
import Learning
import ModelFiles
import TestSupport
import Testing

@Suite("Tuning")
struct TuningSearchTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    /// A world in which u's length is what the steps come to within the trust region, rewards rise with it, and diversity falls beyond 0.2.
    private static func world(_ settings: ControlSettings, prompts: Int = 200) -> TuningCandidate {
        let reach = Double(settings.stepSize) * Double(settings.steps) * 0.002
        let norm = min(reach, settings.maxNorm.map(Double.init) ?? reach)
        let kl = min(norm * norm * 4, settings.klBudget.map(Double.init) ?? 100)
        let length = (kl / 4).squareRoot()
        return TuningCandidate(
            settings: settings,
            prompts: prompts,
            reward: min(length, 0.5) * 2,
            rewardDeviation: 0.5,
            diversity: 0.7 - max(0, length - 0.2) * 2,
            kl: kl,
            norm: length,
            valueBefore: 0,
            valueAfter: length
        )
    }

    private func search(_ bounds: TuningBounds = TuningBounds(), identity: String = "one", failsAt: Int? = nil, count: Count) async throws
        -> ControlTuner.Outcome
    {
        try await TuningSearch(identity: identity, path: directory.url.path + "/tuning.json", bounds: bounds, promptCount: 200) { _, _, _ in
        } measure: { settings, prompts in
            if count.next() == failsAt { throw CancellationError() }
            return Self.world(settings, prompts: prompts)
        }.run()
    }

    /// What settings do in a world where answers lose diversity from a norm of 0.06 on.
    private static func fading(
        _ settings: ControlSettings,
        prompts: Int,
        rewardDeviation: Double,
        measuresDivergence: Bool = true
    ) -> TuningCandidate {
        let world = world(settings, prompts: prompts)
        return TuningCandidate(
            settings: settings,
            prompts: prompts,
            reward: world.reward,
            rewardDeviation: rewardDeviation,
            diversity: 0.7 - 2 * max(0, world.norm - 0.06),
            kl: measuresDivergence ? world.kl : nil,
            norm: world.norm,
            valueBefore: 0,
            valueAfter: world.valueAfter
        )
    }

    @Test("the strongest control that keeps the bounds is found")
    func finds() async throws {
        let count = Count()
        let outcome = try await search(count: count)
        let settings = try #require(outcome.settings)
        #expect(outcome.chosen.diversity >= 0.68 && outcome.chosen.norm > 0.19 && outcome.chosen.norm <= 0.211)
        #expect(Self.world(settings).reward == outcome.chosen.reward && outcome.base.reward == 0)
        #expect((20...60).contains(count.value))
        #expect(outcome.chosen.prompts == 200 && outcome.base.prompts == 200)
    }

    @Test("what shines on the screening prompts alone is not chosen; where no finalist keeps the bounds, others are looked at")
    func screens() async throws {
        let all = Count()
        let outcome = try await TuningSearch(identity: "y", path: directory.url.path + "/t.json", bounds: TuningBounds(), promptCount: 500)
        {
            _,
            _,
            _ in
        } measure: { settings, prompts in
            #expect(prompts == TuningSearch.screeningPrompts || prompts == 500)
            if prompts == 500 { _ = all.next() }
            let world = Self.world(settings, prompts: prompts)
            // On all prompts whatever is stronger than this is too strong.
            let isGood = world.norm < 0.11
            return TuningCandidate(
                settings: settings,
                prompts: prompts,
                reward: world.reward,
                rewardDeviation: 0.5,
                diversity: isGood || prompts < 500 ? 0.7 : 0.1,
                kl: world.kl,
                norm: world.norm,
                valueBefore: 0,
                valueAfter: world.valueAfter
            )
        }.run()
        #expect(outcome.chosen.norm <= 0.11 && outcome.chosen.norm > 0.04 && outcome.chosen.prompts == 500)
        #expect(all.value > 9 && all.value < 45)
    }

    @Test("a tighter bound on the divergence gives a weaker control")
    func tighter() async throws {
        var bounds = TuningBounds()
        bounds.meanKL = 0.05
        let outcome = try await search(bounds, count: Count())
        #expect(outcome.chosen.kl ?? 1 <= 0.05 && outcome.chosen.norm > 0.08)
    }

    @Test("where divergences are not measured no budget is tried, and the other bounds hold")
    func withoutDivergence() async throws {
        nonisolated(unsafe) var budgets = 0
        let outcome = try await TuningSearch(
            identity: "d",
            path: directory.url.path + "/d.json",
            bounds: TuningBounds(),
            promptCount: 200,
            measuresDivergence: false
        ) { _, _, _ in
        } measure: { settings, prompts in
            if settings.klBudget != nil { budgets += 1 }
            return Self.fading(settings, prompts: prompts, rewardDeviation: 0.5, measuresDivergence: false)
        }.run()
        #expect(budgets == 0 && outcome.settings != nil && outcome.chosen.kl == nil)
        #expect(outcome.chosen.norm > 0.055 && outcome.chosen.norm <= 0.0701)
    }

    @Test("where answers lose coherence, that limits the strength, if a judge says so", arguments: [true, false])
    func coherence(isJudged: Bool) async throws {
        let outcome = try await TuningSearch(identity: "c", path: directory.url.path + "/c.json", bounds: TuningBounds(), promptCount: 200)
        { _, _, _ in
        } measure: { settings, prompts in
            let world = Self.world(settings, prompts: prompts)
            return TuningCandidate(
                settings: settings,
                prompts: prompts,
                reward: world.reward,
                rewardDeviation: 0.5,
                diversity: world.diversity,
                coherence: isJudged ? 0.5 - 2 * max(0, world.norm - 0.1) : nil,
                kl: world.kl,
                norm: world.norm,
                valueBefore: 0,
                valueAfter: world.valueAfter
            )
        }.run()
        let norm = outcome.chosen.norm
        #expect(isJudged ? norm <= 0.1101 && norm > 0.09 : norm > 0.19, "\(norm)")
    }

    @Test("a record from before there was a bound on coherence is read")
    func oldBounds() throws {
        let old = try JSONDecoder().decode(TuningBounds.self, from: Data("{\"diversity_loss\":0.01,\"mean_kl\":0.5}".utf8))
        #expect(old.diversityLoss == 0.01 && old.coherenceLoss == TuningBounds().coherenceLoss && old.meanKL == 0.5)
    }

    @Test("where nothing within the bounds gains anything, nothing is chosen")
    func nothing() async throws {
        let outcome = try await TuningSearch(identity: "x", path: directory.url.path + "/t.json", bounds: TuningBounds(), promptCount: 8) {
            _,
            _,
            _ in
        } measure: { settings, prompts in
            let steered = settings.steps > 0
            return TuningCandidate(
                settings: settings,
                prompts: prompts,
                reward: steered ? 1 : 0,
                rewardDeviation: 1,
                diversity: steered ? 0.3 : 0.7,
                kl: 0,
                norm: 0.1,
                valueBefore: 0,
                valueAfter: 1
            )
        }.run()
        #expect(outcome.settings == nil && outcome.nearest?.diversity == 0.3 && outcome.nearest?.reward == 1)
    }

    @Test("a reward that the model's own answers hardly ever get does not lead the search beyond the bounds")
    func rareReward() async throws {
        let outcome = try await TuningSearch(identity: "r", path: directory.url.path + "/r.json", bounds: TuningBounds(), promptCount: 200)
        { _, _, _ in
        } measure: { settings, prompts in
            Self.fading(settings, prompts: prompts, rewardDeviation: settings.steps == 0 ? 0.001 : 0.5)
        }.run()
        // A trust region of 0.05 is one of the first that are tried; the bound is reached at 0.07.
        #expect(outcome.chosen.norm > 0.055 && outcome.chosen.norm <= 0.0701, "\(outcome.chosen)")
    }

    @Test("what was tried before an interruption is not tried again, unless it was for another head or other prompts")
    func resumes() async throws {
        let (first, second, third) = (Count(), Count(), Count())
        await #expect(throws: CancellationError.self) { try await search(failsAt: 12, count: first) }
        let resumed = try await search(count: second)
        let whole = try await search(identity: "another", count: third)
        #expect(resumed.settings == whole.settings)
        #expect(second.value + 11 == third.value)
    }

    @Test("chosen settings in a file's metadata are what a request gets that says nothing; its tensors stay")
    func metadata() throws {
        let path = directory.url.path + "/head.safetensors"
        let floats: [Float] = [1, 2, 3, 4, 5, 6]
        try SafetensorsWriter.write(
            tensors: [
                .init(name: "fc1.weight", shape: [2, 3], floats: floats), .init(name: "fc1.bias", shape: [2], floats: [0, 1]),
                .init(name: "fc3.weight", shape: [1, 2], floats: [1, -1]), .init(name: "fc3.bias", shape: [1], floats: [0.5]),
            ],
            metadata: ["reward": "r", "target_value": "3"],
            to: path
        )
        var settings = ControlSettings()
        settings.steps = 12
        settings.stepSize = 3.5
        settings.maxNorm = 0.125
        settings.klBudget = 0.25
        try HeadFile.update(path, metadata: settings.metadata)
        let function = try ValueFunction(file: SafetensorsFile(path: path))
        #expect(try ControlSettings.from(metadata: function.metadata) == settings)
        #expect(function.metadata["reward"] == "r")
        #expect(try SafetensorsFile(path: path).floats("fc1.weight") == floats)
    }

    @Test("a control signal twice as long has twice the trust region and steps, and four times the budget")
    func scaled() {
        var settings = ControlSettings()
        (settings.maxNorm, settings.klBudget, settings.targetValue) = (0.1, 0.2, 1)
        let twice = settings.scaled(by: 2)
        #expect(
            twice.stepSize == 2 && twice.maxNorm == 0.2 && twice.klBudget == 0.8 && twice.targetValue == 1 && twice.steps == settings.steps
        )
    }
}
