import Control
import Foundation
import Inference
import Learning
import Logging
import ModelFiles
import TestSupport
import Testing

@Suite("The value functions that are shipped")
struct ShippedHeadsTests {
    private static let names = ["positivity", "harmlessness"]

    private func path(_ name: String) -> String {
        GoldenFiles.repositoryFile("Config/heads/\(name).safetensors").path
    }

    private func head(_ name: String) throws -> NamedHead {
        NamedHead(name: name, path: nil, valueFunction: try ValueFunction(file: SafetensorsFile(path: path(name))))
    }

    @Test("they are small files in half precision that say what they are, what they learned and how strongly to steer", arguments: names)
    func files(name: String) throws {
        let file = try SafetensorsFile(path: path(name))
        #expect(try Data(contentsOf: URL(fileURLWithPath: path(name))).count < 2_000_000)
        #expect(file.tensors.values.allSatisfy { $0.type == .f16 })
        let metadata = file.metadata
        #expect(metadata["format"] == "rudder.value-function.v1" && metadata["hidden_size"] == "576" && metadata["site"] == "final_norm")
        #expect(metadata["model_sha256"] == "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53")
        for key in [
            "model", "reward", "target", "training_answers", "training_states", "spearman_25", "spearman_100", "explained_variance",
        ] {
            #expect(metadata[key]?.isEmpty == false, "\(key) is missing")
        }
        #expect((Double(metadata["reward_gain"] ?? "") ?? 0) > 0 && metadata["tuned_on"] != nil)
        let settings = try ControlSettings.from(metadata: metadata)
        #expect(settings.steps > 0 && settings != ControlSettings())
        #expect(FileManager.default.fileExists(atPath: GoldenFiles.repositoryFile("Docs/heads/\(name).md").path), "every head has a card")
    }

    @Test(
        "by their own settings they lead to states that are worth more, not only along the control signal",
        .enabled(if: GoldenFiles.model != nil, "needs the default model, which `make model` fetches"),
        .enabled(if: !Sanitizer.isOfThreads, "takes half an hour under ThreadSanitizer; other tests steer the same model"),
        arguments: names
    )
    func steer(name: String) async throws {
        // As many as a head that moves states by a twentieth of their length needs to be told from chance.
        let prompts = Array(
            try PromptFile(path: GoldenFiles.repositoryFile("Recipes/positivity/test.jsonl").path).prompts.prefix(96)
        )
        let model = try LoadedModel.load(path: try #require(GoldenFiles.model).path, id: "smollm2")
        var logger = Logger(label: "tests")
        logger.logLevel = .critical
        let pool = WorkerPool(models: [ModelSpecification(model: model)], limits: PoolLimits(threads: 2), logger: logger)
        defer { pool.stop() }
        let (generator, encoder) = (AnswerGenerator(model: model, pool: pool), PromptEncoder(model: model, isRaw: false))
        let head = try head(name)
        var plain = ControlSettings()
        plain.steps = 0
        var found: [(before: Double, after: Double)] = []
        for settings in [plain, try ControlSettings.from(metadata: head.valueFunction.metadata)] {
            let controller = try head.controller(settings: settings, grams: GramCache())
            var sums = (before: 0.0, after: 0.0)
            try await generator.run(prompts) { prompt in
                var request = GenerationRequest(prompt: try encoder.tokens(of: prompt), maximumTokens: 48)
                request.sampling.temperature = 0
                request.control = controller
                return request
            } each: { _, answer in
                let control = try #require(answer.control)
                sums.before += Double(control.valueBefore) / Double(prompts.count)
                sums.after += Double(control.valueAfter) / Double(prompts.count)
            }
            found.append(sums)
        }
        #expect(found[0].before == found[0].after)
        #expect(found[1].before > found[0].before && found[1].after > found[1].before, "\(found)")
    }
}
