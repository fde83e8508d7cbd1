import Foundation
import Server

/// Understands `--control NAME|NAME@VERSION|JSON|@FILE`.
enum ControlArgument {
    /// The `control` object that the argument stands for.
    static func parse(_ argument: String) throws -> JSONValue {
        var text = argument
        if argument.hasPrefix("@") {
            let path = String(argument.dropFirst())
            do {
                text = try String(contentsOf: URL(fileURLWithPath: path), encoding: .utf8)
            } catch {
                throw CommandError("--control: cannot read \(path) as a text; name a file that holds a control object, such as \(example)")
            }
        } else if !argument.trimmingCharacters(in: .whitespaces).hasPrefix("{") {
            return .object([JSONKey("head"): .string(argument)])
        }
        let document: JSONValue
        do {
            document = try JSONParser.parse(text)
        } catch {
            throw CommandError("--control: not a JSON object: \(error). Write \(example), or the name of a value function alone")
        }
        guard case .object = document else {
            throw CommandError(
                "--control: expected a JSON object, not \(document.kind). Write \(example), or the name of a value function alone"
            )
        }
        return document
    }

    private static let example = #"'{"head": "NAME", "steps": 30}'"#
}
