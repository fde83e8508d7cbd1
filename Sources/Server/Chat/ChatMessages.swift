import ModelFiles
import Tokenizers

/// Decodes a chat's `messages`.
package enum ChatMessages {
    /// OpenAI's roles. `developer` is its newer word for `system`, which templates know.
    private static let roles = ["system": "system", "developer": "system", "user": "user", "assistant": "assistant", "tool": "tool"]

    /// The messages of a request; the template gets a list of text parts as one text, part by line.
    package static func decode(_ fields: JSONFields) throws(APIError) -> [ChatMessage] {
        guard let elements = try fields.array("messages") else {
            throw .invalid("messages", "You must provide 'messages', an array of messages.")
        }
        guard !elements.isEmpty else { throw .invalid("messages", "'messages' must not be empty.") }
        var messages: [ChatMessage] = []
        for (index, element) in elements.enumerated() {
            let name = "messages[\(index)]"
            let message = try JSONFields(element, name: name, prefix: "\(name).")
            guard let role = try message.string("role") else {
                throw .invalid("\(name).role", "'\(name)' needs a 'role'.")
            }
            guard let known = roles[role.word] else {
                throw .invalid(
                    "\(name).role",
                    "'\(name).role' must be one of \(roles.keys.sorted().joined(separator: ", ")), not '\(role.word)'."
                )
            }
            messages.append(ChatMessage(role: known, content: try content(message, role: known, name: name)))
        }
        return messages
    }

    private static func content(_ message: JSONFields, role: String, name: String) throws(APIError) -> String {
        guard let value = message.value("content") else {
            // An assistant that only called tools said nothing.
            if role == "assistant" { return "" }
            throw .invalid("\(name).content", "'\(name)' needs 'content', a string or an array of text parts.")
        }
        switch value {
        case .string(let text):
            return text
        case .array(let parts):
            var texts: [String] = []
            for (index, part) in parts.enumerated() {
                texts.append(try text(of: part, name: "\(name).content[\(index)]"))
            }
            return texts.joined(separator: "\n")
        default:
            throw message.mismatch("content", "a string or an array of text parts", value)
        }
    }

    private static func text(of part: JSONValue, name: String) throws(APIError) -> String {
        let fields = try JSONFields(part, name: name, prefix: "\(name).")
        let type = try fields.string("type") ?? ""
        guard type.word == "text" else {
            throw .invalid("\(name).type", "'\(name).type' must be 'text': this server's models read text only.")
        }
        guard let text = try fields.string("text") else { throw .invalid("\(name).text", "'\(name)' needs a 'text'.") }
        return text
    }
}
