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
        abstract: "Generate text in the terminal, steered or plain, without a server.",
        discussion:
            "The prompt is put to the model as a chat message; --raw, or a model without chat template, continues it as it is. The text goes to standard output as it is made."
    )

    @Argument(help: "The prompt; - reads it from standard input.")
    var prompt: String

    @OptionGroup var configurationOptions: ConfigurationOptions

    @Option(help: ArgumentHelp("The model, by path, catalogue name or configured id.", valueName: "[ID=]PATH|NAME"))
    var model: String?

    @Option(
        help: ArgumentHelp(
            "The value function that steers: a name, or a control object as in the HTTP interface.",
            valueName: "NAME|NAME@VERSION|JSON|@FILE"
        )
    )
    var control: String?

    @Option(help: "The system message.")
    var system: String?

    @Flag(help: "Continue the prompt as it is, without the model's chat template.")
    var raw = false

    @Option(help: "Most tokens to generate.")
    var maxTokens: Int?

    @Option(help: "Sampling temperature; 0 always takes the likeliest token.")
    var temperature: Double?

    @Option(help: "Sample from the likeliest tokens that together have this probability.")
    var topP: Double?

    @Option(help: "Seed of the sampling.")
    var seed: Int?

    @Option(help: ArgumentHelp("A text that ends the generation; may be repeated.", valueName: "text"))
    var stop: [String] = []

    func run() async throws {
        let configuration = try await configurationOptions.load(flags: configurationOptions.flags, models: model.map { [$0] } ?? [])
        let session = try TerminalSession(configuration: configuration, logger: Log.make(level: "warning"))
        defer { session.stop() }
        let text = prompt == "-" ? String(decoding: FileHandle.standardInput.readDataToEndOfFile(), as: UTF8.self) : prompt
        // A model without a template was trained on plain text.
        let raw = raw || !session.hasChatTemplate
        guard system == nil || !raw else { throw CommandError("--system needs a model with a chat template, and no --raw") }
        let body = try request(text, model: session.modelID, raw: raw)
        let start = ContinuousClock.now
        let summary =
            raw
            ? try await session.complete(body) { StandardOutput.write($0) }
            : try await session.chat(body) { StandardOutput.write($0) }
        StandardOutput.write("\n")
        StandardError.write(report(summary, time: ContinuousClock.now - start) + "\n")
    }

    /// The request as its fields would be over HTTP.
    private func request(_ text: String, model: String, raw: Bool) throws -> JSONValue {
        var fields: JSONObject = [JSONKey("model"): .string(model)]
        if raw {
            fields[JSONKey("prompt")] = .string(text)
        } else {
            var messages: [JSONValue] = []
            if let system { messages.append(Self.message("system", system)) }
            messages.append(Self.message("user", text))
            fields[JSONKey("messages")] = .array(messages)
        }
        if let maxTokens { fields[JSONKey("max_tokens")] = .number(.integer(Int64(maxTokens))) }
        if let temperature { fields[JSONKey("temperature")] = .number(.float(temperature)) }
        if let topP { fields[JSONKey("top_p")] = .number(.float(topP)) }
        if let seed { fields[JSONKey("seed")] = .number(.integer(Int64(seed))) }
        if !stop.isEmpty { fields[JSONKey("stop")] = .array(stop.map { .string($0) }) }
        if let control { fields[JSONKey("control")] = try ControlArgument.parse(control) }
        return .object(fields)
    }

    private static func message(_ role: String, _ content: String) -> JSONValue {
        .object([JSONKey("role"): .string(role), JSONKey("content"): .string(content)])
    }

    /// One line of counts, speed and what steering did.
    private func report(_ summary: GenerationSummary, time: Duration) -> String {
        let seconds = time / .seconds(1)
        var line = "\(summary.promptTokens) prompt tokens, \(summary.completionTokens) generated in \(String(format: "%.2f", seconds)) s"
        if let control = summary.control, control.tokens > 0 {
            line += String(
                format: "; value %.3f → %.3f, |u|/|h| %.3f",
                Double(control.valueBefore),
                Double(control.valueAfter),
                Double(control.norm)
            )
            if let kl = control.kl { line += String(format: ", KL %.3f", Double(kl)) }
            line += String(format: ", %.1f ms of it steering", control.seconds * 1000)
        }
        return line
    }
}
