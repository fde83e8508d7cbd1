import Server

/// Says why a request was refused, and what to do about it at the command line, where there are no routes to ask.
package enum RequestAdvice {
    /// The reason and the next step.
    ///
    /// - Parameter heads: the value functions there are.
    package static func text(_ error: APIError, heads: [String]) -> String {
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
            return "\(message); ask for fewer tokens, or shorten what the model is to read"
        case "control_not_finite":
            return message
        default:
            guard let parameter = error.parameter else { return message }
            return parameter.hasPrefix("control") && !message.contains(" must ")
                ? "\(message); `rudder heads list` shows which model and width each is for" : message
        }
    }
}
