import ArgumentParser
import Server

/// What commands that generate in the terminal are told alike: the model, what steers it, and how it samples.
struct AnswerOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The model, by path, catalogue name or configured id.", valueName: "[ID=]PATH|NAME"), completion: .models)
    var model: String?

    @Option(
        help: ArgumentHelp(
            "The value function that steers: a name, or a control object as in the HTTP interface.",
            valueName: "NAME|NAME@VERSION|JSON|@FILE"
        ),
        completion: .heads
    )
    var control: String?

    @Option(help: "The system message.")
    var system: String?

    @Option(help: "Most tokens of an answer.")
    var maxTokens: Int?

    @Option(help: "Sampling temperature; 0 always takes the likeliest token.")
    var temperature: Double?

    @Option(help: "Seed of the sampling: the same draws again.")
    var seed: Int?

    /// The model in this process, as the configuration and the options have it.
    ///
    /// - Parameter style: how the user sets what errors are about.
    func session(_ options: ConfigurationOptions, style: AdviceStyle = .options) async throws -> TerminalSession {
        let configuration = try await options.load(flags: options.flags, models: model.map { [$0] } ?? [])
        return try TerminalSession(configuration: configuration, style: style, logger: Log.make(level: "warning"))
    }

    /// The fields of a request that the options set.
    var fields: JSONObject {
        var fields = JSONObject()
        if let maxTokens { fields[JSONKey("max_tokens")] = .number(.integer(Int64(maxTokens))) }
        if let temperature { fields[JSONKey("temperature")] = .number(.float(temperature)) }
        if let seed { fields[JSONKey("seed")] = .number(.integer(Int64(seed))) }
        return fields
    }
}
