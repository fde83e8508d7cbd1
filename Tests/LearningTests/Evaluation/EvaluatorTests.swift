import Control
import Foundation
import Inference
import Learning
import ModelFiles
import TestSupport
import Testing

@Suite("Evaluating control", .enabled(if: LearningModels.isThere, "needs ../shared/golden/models"))
struct EvaluatorTests {
    private let directory: TemporaryDirectory
    private let models: LearningModels

    init() throws {
        directory = try TemporaryDirectory()
        models = try LearningModels()
    }

    /// A head for the small model.
    private func head() throws -> NamedHead {
        func floats(_ count: Int, _ scale: Float) -> [Float] { (0..<count).map { Float(($0 * 37) % 17 - 8) / 8 * scale } }
        let bytes = try SafetensorsWriter.encode(tensors: [
            .init(name: "fc1.weight", shape: [32, 64], floats: floats(32 * 64, 0.2)),
            .init(name: "fc1.bias", shape: [32], floats: floats(32, 0.1)),
            .init(name: "fc3.weight", shape: [1, 32], floats: floats(32, 0.5)), .init(name: "fc3.bias", shape: [1], floats: [0]),
        ])
        return NamedHead(name: "made-up", path: nil, valueFunction: try ValueFunction(file: SafetensorsFile(bytes: bytes)))
    }

    private func plan() throws -> EvaluationPlan {
        var plan = EvaluationPlan(methods: EvaluationMethod.allCases)
        plan.answers.maximumTokens = 8
        plan.answers.isRaw = true
        plan.bestOf = 3
        plan.candidates = 4
        plan.sweep = [0.5, 1]
        plan.staticSweep = [0.1, 0.4]
        let rollouts = try SyntheticRollouts(path: directory.url.path + "/rollouts", prompts: 6, samples: 4, length: 4, width: 64)
        plan.staticEdit = try StaticEdit(set: TrainingSet(folders: [rollouts.folder]))
        return plan
    }

    private var settings: ControlSettings {
        var settings = ControlSettings()
        settings.stepSize = 5
        settings.maxNorm = 0.3
        return settings
    }

    private func evaluator(_ plan: EvaluationPlan) throws -> Evaluator {
        Evaluator(
            generator: models.generator,
            plan: plan,
            head: try head(),
            settings: settings,
            judges: Judges(
                reward: NamedJudge(name: "letters", source: LetterReward()),
                judges: [NamedJudge(name: "words", source: LengthReward())],
                coherence: nil
            )
        )
    }

    /// Rewards letters e.
    private struct LetterReward: RewardSource {
        let name = "letters"

        func score(_ items: [RewardItem], each: @escaping @Sendable (Int, Double) async throws -> Void) async throws {
            for (place, item) in items.enumerated() { try await each(place, Double(item.response.utf8.count { $0 == UInt8(ascii: "e") })) }
        }
    }

    private func run(_ plan: EvaluationPlan, folder: String) async throws -> EvaluationReport {
        try await evaluator(plan).run(
            prompts: LearningModels.prompts(6),
            folder: directory.url.path + "/" + folder,
            modelSHA256: models.modelSHA256
        ) { _, _, _ in }
    }

    @Test("every method answers every prompt, and the report has them all")
    func compares() async throws {
        let report = try await run(try plan(), folder: "out")
        #expect(Set(report.results.map(\.method)) == Set(EvaluationMethod.allCases))
        for result in report.results {
            #expect(result.scores["letters"]?.count == 6 && result.scores["words"]?.count == 6 && result.diversity.count == 6)
            #expect(result.tokens > 0 && result.tokens <= 48 && result.seconds > 0)
        }
        let control = try #require(report.results.first { $0.method == .control })
        #expect(control.kl.count == 6 && control.kl.allSatisfy { $0 > 0 } && control.norm.allSatisfy { $0 > 0 && $0 <= 0.3001 })
        #expect(report.sweep.count == 4)
        let base = try #require(report.results.first { $0.method == .base })
        let best = try #require(report.results.first { $0.method == .bestOf })
        #expect(base.kl.isEmpty && best.kl.isEmpty)
        let folder = directory.url.path + "/out"
        try report.write(folder: folder)
        let markdown = try String(contentsOfFile: folder + "/results.md", encoding: .utf8)
        for word in ["best of 3", "controlled-decoding", "re-control", "letters", "words", "win rate", "sweep.svg"] {
            #expect(markdown.contains(word))
        }
        let document =
            try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: folder + "/results.json"))) as? [String: Any]
        #expect((document?["methods"] as? [Any])?.count == 6)
        #expect(try String(contentsOfFile: folder + "/sweep.svg", encoding: .utf8).contains("static"))
    }

    @Test("best of n takes the answer of the highest reward")
    func bestOf() async throws {
        var plan = try plan()
        plan.methods = [.base, .bestOf]
        plan.bestOf = 6
        var one = plan
        one.bestOf = 1
        let (many, single) = (try await run(plan, folder: "many"), try await run(one, folder: "single"))
        func rewards(_ report: EvaluationReport) -> [Double] { report.results.first { $0.method == .bestOf }?.scores["letters"] ?? [] }
        #expect(rewards(many).reduce(0, +) > rewards(single).reduce(0, +))
    }

    @Test("controlled decoding without weight is greedy decoding, and with much raises the value")
    func controlledDecoding() async throws {
        var plan = try plan()
        plan.methods = [.base, .controlledDecoding]
        plan.decodingWeight = 0
        let report = try await run(plan, folder: "greedy")
        let (base, decoded) = (report.results[0], report.results[1])
        #expect(base.method == .base && base.scores == decoded.scores && base.tokens == decoded.tokens)
        plan.decodingWeight = 100
        _ = try await run(plan, folder: "heavy")
        #expect(try await value(folder: "heavy") > value(folder: "greedy"))
    }

    /// The mean value of the states that the answers by controlled decoding end in.
    private func value(folder: String) async throws -> Float {
        struct Line: Decodable {
            let response: String
        }
        let text = try String(contentsOfFile: directory.url.path + "/\(folder)/answers-controlled-decoding.jsonl", encoding: .utf8)
        let responses = try text.split(separator: "\n").map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)).response }
        let (encoder, value) = (
            PromptEncoder(model: models.generator.model, isRaw: true), try StateValue(head: head().valueFunction).evaluator()
        )
        var sum: Float = 0
        for (prompt, response) in zip(LearningModels.prompts(6), responses) {
            var request = GenerationRequest(prompt: try encoder.tokens(of: prompt, answer: response), maximumTokens: 0)
            request.reportsStates = true
            sum += value.value(try #require(try await models.generator.answer(request).promptState))
        }
        return sum / 6
    }

    @Test("answers that another reward picked, or another head steered, are of another evaluation")
    func otherEvaluation() async throws {
        var plan = try plan()
        plan.methods = [.base, .bestOf]
        let first = try evaluator(plan)
        _ = try await first.run(prompts: LearningModels.prompts(2), folder: directory.url.path + "/o", modelSHA256: "m") { _, _, _ in }
        let judges = Judges(reward: NamedJudge(name: "letters", source: LengthReward()), judges: [], coherence: nil)
        let other = Evaluator(generator: models.generator, plan: plan, head: try head(), settings: settings, judges: judges)
        await #expect(throws: LineError.self) {
            try await other.run(prompts: LearningModels.prompts(2), folder: directory.url.path + "/o", modelSHA256: "m") { _, _, _ in }
        }
    }

    @Test("a prompt that leaves no room for an answer is named before anything is answered")
    func tooLong() async throws {
        var plan = try plan()
        plan.answers.maximumTokens = models.generator.model.contextLength
        let error = await #expect(throws: PromptLengthError.self) { try await run(plan, folder: "long") }
        #expect(error?.id == "p0")
    }

    @Test("an evaluation goes on from its answers, and does not take another's")
    func resumes() async throws {
        let plan = try plan()
        let whole = try await run(plan, folder: "out")
        let path = directory.url.path + "/out/answers-re-control-1.0.jsonl"
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        try bytes.prefix(bytes.count * 2 / 3).write(to: URL(fileURLWithPath: path))
        // The lines say how long each answer took, so an answer made anew has another.
        let kept = bytes.prefix(bytes.count * 2 / 3)[...].prefix(
            through: try #require(bytes.prefix(bytes.count * 2 / 3).lastIndex(of: 0x0A))
        )
        let judged = { try FileManager.default.contentsOfDirectory(atPath: directory.url.path + "/out").filter { $0.hasPrefix("scores-") } }
        #expect(try judged().count == 2 * (4 + 1 + 1 + 2), "two judges, of all methods at all strengths")
        let resumed = try await run(plan, folder: "out")
        #expect(zip(whole.results, resumed.results).allSatisfy { $0.scores == $1.scores && $0.tokens == $1.tokens })
        let after = try Data(contentsOf: URL(fileURLWithPath: path))
        #expect(after.starts(with: kept) && after.count { $0 == 0x0A } == 6 && !kept.isEmpty)
        var other = plan
        other.answers.maximumTokens = 7
        await #expect(throws: LineError.self) { try await run(other, folder: "out") }
    }

    @Test("a static edit adds its vector, of the asked length, along what high rewards have in common")
    func staticEdit() throws {
        let edit = try #require(try plan().staticEdit)
        // The made-up states go up in number 2 and down in number 7, by 2 and 1 for each unit of reward.
        let (two, seven) = (edit.direction[2], edit.direction[7])
        let rest = edit.direction.enumerated().filter { $0.offset != 2 && $0.offset != 7 }.map(\.element).reduce(0) { $0 + $1 * $1 }
        #expect(two > 0 && seven < 0 && abs(two / seven + 2) < 0.2 && rest < 0.05 * (two * two + seven * seven))
        let controller = try edit.controller(strength: 0.25, trace: true)
        #expect(controller.settings.steps == 1 && controller.settings.stepSize == 0.25 && controller.settings.trace)
    }
}
