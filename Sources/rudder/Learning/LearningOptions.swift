import ArgumentParser
import Inference
import Learning
import Server

/// The options of every subcommand of the learning pipeline that runs the model.
struct LearningOptions: ParsableArguments {
    @OptionGroup var configuration: ConfigurationOptions

    @Option(help: ArgumentHelp("The model, by path, catalogue name or configured id.", valueName: "[ID=]PATH|NAME"), completion: .models)
    var model: String?

    /// Loads the model alone, without workers to run it.
    func loadedModel() async throws -> (model: LoadedModel, sha256: String) {
        let loaded = try await configuration.load(flags: configuration.flags, models: model.map { [$0] } ?? [])
        return try await OffPool.run {
            guard let model = try ModelLoading.load(Array(loaded.models.prefix(1)), logger: Log.make(level: "warning")).first else {
                throw CommandError("no model is configured; --model names one")
            }
            return (model, try model.computeSHA256())
        }
    }

    /// Loads the model.
    func session() async throws -> LearningSession {
        let loaded = try await configuration.load(flags: configuration.flags, models: model.map { [$0] } ?? [])
        return try LearningSession(configuration: loaded, logger: Log.make(level: "warning"))
    }
}
