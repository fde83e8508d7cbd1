import Inference
import Learning
import Logging
import ModelFiles
import TestSupport

/// The small golden model and what runs it.
final class LearningModels: Sendable {
    static let isThere = GoldenFiles.url("models/llama3/model.gguf") != nil

    let generator: AnswerGenerator
    let modelSHA256: String
    private let pool: WorkerPool

    init() throws {
        let path = GoldenFiles.url("models/llama3/model.gguf")?.path ?? ""
        let model = try LoadedModel.load(path: path, id: "tiny")
        var logger = Logger(label: "tests")
        logger.logLevel = .critical
        pool = WorkerPool(models: [ModelSpecification(model: model)], limits: PoolLimits(threads: 2), logger: logger)
        generator = AnswerGenerator(model: model, pool: pool, window: 32)
        modelSHA256 = try SHA256Digest.ofFile(path: path).hex
    }

    deinit {
        pool.stop()
    }

    /// Some prompts to continue.
    static func prompts(_ count: Int) -> [Prompt] {
        (0..<count).map { Prompt(id: "p\($0)", text: "a text of number \($0) to go on with") }
    }
}
