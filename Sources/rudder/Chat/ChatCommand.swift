import Foundation
import Server

/// A line that begins with a slash.
package enum ChatCommand: Equatable, Sendable {
    case help
    /// Nil lists the heads.
    case head(String?)
    case headOff
    /// A setting of the control object; nil: the head's own again.
    case control(name: String, value: JSONValue?)
    /// A field of the request; nil: as if it was never set.
    case field(name: String, value: JSONValue?)
    case compare
    /// Nil shows it; empty removes it.
    case system(String?)
    case retry
    case undo
    case clear
    case settings
    case save(String)
    case quit

    /// What a command is called, what follows it, and what it does.
    package struct Description: Sendable {
        package let name: String
        package let argument: String
        package let text: String
    }

    /// All commands, in the order in which help lists them.
    package static let descriptions: [Description] = [
        Description(name: "/head", argument: "NAME|NAME@VERSION|off", text: "steer by a value function; alone: list them"),
        Description(name: "/steps", argument: "N|auto", text: "gradient steps for each token"),
        Description(name: "/step-size", argument: "X|auto", text: "how far a step goes"),
        Description(name: "/max-norm", argument: "X|off|auto", text: "keep the move within X times the state's length"),
        Description(name: "/kl-budget", argument: "X|off|auto", text: "move the next token's distribution by X nats at most"),
        Description(name: "/compare", argument: "", text: "answer every message plain, too; again: no more"),
        Description(name: "/system", argument: "TEXT|off", text: "set the system message; alone: show it"),
        Description(name: "/temperature", argument: "X|auto", text: "0 always takes the likeliest token"),
        Description(name: "/max-tokens", argument: "N|auto", text: "most tokens of an answer"),
        Description(name: "/seed", argument: "N|off", text: "make the same draws for every answer"),
        Description(name: "/retry", argument: "", text: "answer the last message again"),
        Description(name: "/undo", argument: "", text: "take back the last message and its answer"),
        Description(name: "/clear", argument: "", text: "begin a new conversation"),
        Description(name: "/settings", argument: "", text: "show what is set"),
        Description(name: "/save", argument: "FILE", text: "write the conversation as JSON lines"),
        Description(name: "/help", argument: "", text: "show this"),
        Description(name: "/quit", argument: "", text: "end (Ctrl-D, too)"),
    ]

    /// Reads a command.
    ///
    /// - Parameter line: begins with one slash.
    package init(_ line: String) throws(CommandError) {
        let parts = line.split(maxSplits: 1, whereSeparator: { $0 == " " || $0 == "\t" || $0 == "\n" })
        let name = parts.first.map(String.init) ?? ""
        let argument = parts.count > 1 ? parts[1].trimmingCharacters(in: .whitespacesAndNewlines) : ""
        let word = argument.isEmpty ? nil : argument
        switch name {
        case "/help", "/?": self = .help
        case "/head": self = word == "off" ? .headOff : .head(word)
        case "/steps", "/step-size", "/max-norm", "/kl-budget":
            let isBound = name == "/max-norm" || name == "/kl-budget"
            self = .control(name: Self.key(name), value: try Self.number(argument, of: name, isBound: isBound))
        case "/temperature", "/max-tokens", "/seed":
            self = .field(name: Self.key(name), value: try Self.number(argument, of: name, isBound: false))
        case "/compare": self = .compare
        case "/system": self = .system(word == "off" ? "" : word)
        case "/retry": self = .retry
        case "/undo": self = .undo
        case "/clear": self = .clear
        case "/settings": self = .settings
        case "/save":
            guard let word else { throw CommandError("/save needs the name of a file: /save chat.jsonl") }
            self = .save(word)
        case "/quit", "/exit": self = .quit
        default:
            let names = Self.descriptions.map(\.name)
            let nearest = NearestName.of(name, among: names)
            throw CommandError(
                "there is no command \(name)\(nearest.map { "; did you mean \($0)?" } ?? "")"
                    + " /help lists them all; a message that begins with a slash is written with two"
            )
        }
    }

    private static func key(_ name: String) -> String {
        name.dropFirst().replacingOccurrences(of: "-", with: "_")
    }

    /// The value of a setting; whether it is in range is for the request to say.
    private static func number(_ argument: String, of name: String, isBound: Bool) throws(CommandError) -> JSONValue? {
        switch argument {
        case "auto": return nil
        // A bound that is off is none; anything else that is off is not set.
        case "off": return isBound ? .null : nil
        default:
            guard let value = try? JSONParser.parse(argument), case .number = value else {
                let forms = descriptions.first { $0.name == name }?.argument ?? "N"
                throw CommandError("\(name) needs a number: write \(name) \(forms)")
            }
            return value
        }
    }

    /// What a line that begins with a slash could become, each whole.
    ///
    /// - Parameter heads: names the heads.
    package static func completions(of line: String, heads: () -> [String]) -> [String] {
        guard line.hasPrefix("/") else { return [] }
        let start = "/head "
        if line.hasPrefix(start) { return (heads() + ["off"]).map { start + $0 }.filter { $0.hasPrefix(line) } }
        return descriptions.map(\.name).filter { $0.hasPrefix(line) }
    }
}
