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
                throw CommandError("--control: cannot read \(path) as a text")
            }
        } else if !argument.trimmingCharacters(in: .whitespaces).hasPrefix("{") {
            return .object([JSONKey("head"): .string(argument)])
        }
        do {
            return try JSONParser.parse(text)
        } catch {
            throw CommandError("--control: not a JSON object: \(error)")
        }
    }
}
