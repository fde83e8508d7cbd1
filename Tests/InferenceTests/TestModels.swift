import Inference
import Logging
import TestSupport

/// The models that tests run, and pools of them.
enum TestModels {
    /// The default model, where `make model` has put it.
    static func smolLM2(id: String = "smollm2", context: Int? = nil) throws -> LoadedModel? {
        try GoldenFiles.model.map { try LoadedModel.load(path: $0.path, id: id, context: context) }
    }

    /// A small Llama with random weights, where the golden folder has it.
    static func tiny(id: String = "tiny") throws -> LoadedModel? {
        try GoldenFiles.url("models/llama3/model.gguf").map { try LoadedModel.load(path: $0.path, id: id) }
    }

    static let hasTiny = GoldenFiles.url("models/llama3/model.gguf") != nil

    static var logger: Logger {
        var logger = Logger(label: "tests")
        logger.logLevel = .critical
        return logger
    }

    static func pool(_ models: [ModelSpecification], _ limits: PoolLimits = PoolLimits(threads: 2)) -> WorkerPool {
        WorkerPool(models: models, limits: limits, logger: logger)
    }
}
