import ArgumentParser

/// The options of every subcommand of the learning pipeline that runs the model.
struct LearningOptions: ParsableArguments {
    @OptionGroup var configuration: ConfigurationOptions

    @Option(help: ArgumentHelp("The model, by path, catalogue name or configured id.", valueName: "[ID=]PATH|NAME"))
    var model: String?

    /// Loads the model.
    func session() async throws -> LearningSession {
        let loaded = try await configuration.load(flags: configuration.flags, models: model.map { [$0] } ?? [])
        return try LearningSession(configuration: loaded, logger: Log.make(level: "warning"))
    }
}
