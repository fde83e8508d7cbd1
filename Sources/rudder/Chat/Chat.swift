import ArgumentParser
import Foundation
import Server

/// `rudder chat`.
struct Chat: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Chat in the terminal, steered or plain.",
        discussion: """
            Lines that begin with a slash are commands; /help lists them. Ctrl-C stops an answer, and what came of it stays in the \
            conversation; at the prompt it gives the line up. Ctrl-D ends. Alt-Enter begins a new line within a message. Where standard \
            input is no terminal, every line of it is a message or a command, and standard output gets the answers alone. It needs no \
            server.
            """
    )

    @OptionGroup var configurationOptions: ConfigurationOptions

    @Option(
        help: ArgumentHelp("The model, by path, catalogue name or configured id.", valueName: "[ID=]PATH|NAME"),
        completion: .models
    )
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

    @Option(help: "Sampling temperature; 0 always takes the likeliest token.")
    var temperature: Double?

    @Option(help: "Most tokens of an answer.")
    var maxTokens: Int?

    @Option(help: "Seed of the sampling: the same draws for every answer.")
    var seed: Int?

    @OptionGroup var colors: ColorOptions

    func run() async throws {
        let settings = try settings()
        let configuration = try await configurationOptions.load(flags: configurationOptions.flags, models: model.map { [$0] } ?? [])
        let session = try TerminalSession(configuration: configuration, logger: Log.make(level: "warning"))
        defer { session.stop() }
        guard session.hasChatTemplate else {
            throw CommandError(
                "the model '\(session.modelID)' has no chat template, so it cannot chat; `rudder generate` continues texts with it"
            )
        }
        let chat = ChatSession(
            session: session,
            conversation: Conversation(system: system),
            settings: settings,
            colors: colors.depth
        )
        try await chat.checkSettings()
        if let console = ChatConsole.standard() {
            try await console.run(chat)
        } else {
            try await ChatScript.run(chat)
        }
    }

    private func settings() throws -> ChatSettings {
        var settings = ChatSettings()
        if let control, case .object(let members) = try ControlArgument.parse(control) { settings.control = members }
        if let temperature { settings.fields[JSONKey("temperature")] = .number(.float(temperature)) }
        if let maxTokens { settings.fields[JSONKey("max_tokens")] = .number(.integer(Int64(maxTokens))) }
        if let seed { settings.fields[JSONKey("seed")] = .number(.integer(Int64(seed))) }
        return settings
    }
}
