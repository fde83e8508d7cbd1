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

    @OptionGroup var options: AnswerOptions

    @OptionGroup var colors: ColorOptions

    func run() async throws {
        let settings = try settings()
        let session = try await options.session(configurationOptions, style: .commands)
        defer { session.stop() }
        guard session.hasChatTemplate else {
            throw CommandError(
                "the model '\(session.modelID)' has no chat template, so it cannot chat; `rudder generate` continues texts with it"
            )
        }
        let chat = ChatSession(
            session: session,
            conversation: Conversation(system: options.system),
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
        if let control = options.control, case .object(let members) = try ControlArgument.parse(control) { settings.control = members }
        for (name, value) in options.fields { settings.fields[name] = value }
        return settings
    }
}
