import ArgumentParser
import Control
import Foundation
import Inference
import Logging
import Server
import ValueRegistry

/// `rudder generate`.
struct Generate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Generate one text in the terminal, steered or plain.",
        discussion: """
            The prompt is put to the model as a chat message; --raw, or a model without chat template, continues it as it is. The text \
            goes to standard output as it is made, what is told about it to standard error. It needs no server.
            """
    )

    @Argument(help: "The prompt; - reads it from standard input.")
    var prompt: String

    @OptionGroup var configurationOptions: ConfigurationOptions

    @OptionGroup var options: AnswerOptions

    @Flag(help: "Continue the prompt as it is, without the model's chat template.")
    var raw = false

    @Option(help: "Sample from the likeliest tokens that together have this probability.")
    var topP: Double?

    @Option(help: ArgumentHelp("A text that ends the generation; may be repeated.", valueName: "text"))
    var stop: [String] = []

    @OptionGroup var colors: ColorOptions

    func run() async throws {
        let control = try options.control.map(ControlArgument.parse)
        let text = prompt == "-" ? try await Self.readPrompt() : prompt
        let session = try await options.session(configurationOptions)
        defer { session.stop() }
        // A model without a template was trained on plain text.
        let raw = raw || !session.hasChatTemplate
        guard options.system == nil || !raw else {
            throw CommandError(
                session.hasChatTemplate
                    ? "--system and --raw exclude each other: leave one out"
                    : "--system needs a model with a chat template, which '\(session.modelID)' has not: write it into the prompt"
            )
        }
        var painter = ValuePainter(depth: control == nil ? nil : colors.depth, isTerminal: isatty(STDOUT_FILENO) == 1)
        let body = request(text, model: session.modelID, raw: raw, control: painter.depth == nil ? control : control.map(Self.traced))
        let start = ContinuousClock.now
        let summary: GenerationSummary
        do {
            summary =
                raw
                ? try await session.complete(body) { StandardOutput.write(painter.paint($0.text, value: $0.value)) }
                : try await session.chat(body) { StandardOutput.write(painter.paint($0.text, value: $0.value)) }
        } catch {
            // What went wrong has a line of its own.
            StandardOutput.endLine()
            throw error
        }
        StandardOutput.write("\n")
        // The legend is in colours, which only a terminal shows.
        let legend = isatty(StandardError.descriptor) == 1 ? painter.legend : nil
        StandardError.write(AnswerReport.text(summary, time: ContinuousClock.now - start, legend: legend) + "\n")
    }

    /// All of standard input.
    private static func readPrompt() async throws -> String {
        if isatty(STDIN_FILENO) == 1 { StandardError.write("type the prompt; Ctrl-D ends it\n") }
        return try await OffPool.run { try StandardInput.all(wanted: "the prompt as text") }
    }

    /// The request as its fields would be over HTTP.
    private func request(_ text: String, model: String, raw: Bool, control: JSONValue?) -> JSONValue {
        var fields = options.fields
        fields[JSONKey("model")] = .string(model)
        if raw {
            fields[JSONKey("prompt")] = .string(text)
        } else {
            var messages: [JSONValue] = []
            if let system = options.system { messages.append(Self.message("system", system)) }
            messages.append(Self.message("user", text))
            fields[JSONKey("messages")] = .array(messages)
        }
        if let topP { fields[JSONKey("top_p")] = .number(.float(topP)) }
        if !stop.isEmpty { fields[JSONKey("stop")] = .array(stop.map { .string($0) }) }
        if let control { fields[JSONKey("control")] = control }
        return .object(fields)
    }

    /// The control object with the values told for each token.
    private static func traced(_ control: JSONValue) -> JSONValue {
        guard case .object(var members) = control else { return control }
        members[JSONKey("trace")] = .bool(true)
        return .object(members)
    }

    private static func message(_ role: String, _ content: String) -> JSONValue {
        .object([JSONKey("role"): .string(role), JSONKey("content"): .string(content)])
    }
}
