import HTTPTypes
import Server

/// Says why a request was refused, and what to do about it at the command line, where there are no routes to ask.
package enum RequestAdvice {
    /// The reason and the next step.
    ///
    /// - Parameters:
    ///   - heads: the value functions there are.
    ///   - style: how the reader sets things.
    package static func text(_ error: APIError, heads: [String], style: AdviceStyle = .options) -> String {
        var message = error.message
        if message.hasSuffix(".") { message.removeLast() }
        switch error.code {
        case "head_not_found":
            let asked = message.split(separator: "'").last.map(String.init) ?? ""
            let name = String(asked.prefix { $0 != "@" })
            if heads.contains(where: { $0.utf8.elementsEqual(name.utf8) }) {
                return "\(message); leave the version out for the newest, which `rudder heads list` shows"
            }
            if let nearest = NearestName.of(name, among: heads) { return "\(message); did you mean '\(nearest)'?" }
            return heads.isEmpty
                ? "\(message), nor any other here: run where Config/heads is, or name a folder of them with --registry"
                : "\(message); there are \(heads.joined(separator: ", "))"
        case "context_length_exceeded":
            return message + ErrorAdvice.tooLong(style)
        default:
            return message + nextStep(error, style)
        }
    }

    private static func nextStep(_ error: APIError, _ style: AdviceStyle) -> String {
        guard let parameter = error.parameter else {
            return error.status == .serviceUnavailable ? ErrorAdvice.lessMemory : ""
        }
        if parameter == "messages", error.message.contains("chat template") {
            return style == .commands ? "; /system off leaves that message out" : "; leave --system out, or use --raw"
        }
        if parameter == "control.kl_budget", error.message.contains("at the site") {
            return style == .commands ? "; /kl-budget off lifts it" : "; write \"kl_budget\": null in --control"
        }
        guard parameter.hasPrefix("control") else { return "" }
        if error.message.contains("metadata of the value function") {
            return "; `rudder heads verify` checks its file"
        }
        return error.message.contains(" must ") ? "" : "; `rudder heads list` shows which model and width each is for"
    }
}
