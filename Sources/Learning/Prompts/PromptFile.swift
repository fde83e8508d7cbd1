import Foundation

/// A file of prompts, one JSON object a line.
public struct PromptFile: Sendable {
    /// The prompts, in the file's order; those without an id are named by their place.
    public let prompts: [Prompt]

    /// Reads a file.
    ///
    /// - Throws: ``LineError`` that names the line.
    public init(path: String) throws(LineError) {
        var prompts: [Prompt] = []
        try JSONLines.read(path) { (prompt: Prompt, line) throws(LineError) in
            prompts.append(prompt.id.isEmpty ? Prompt(id: "\(line)", messages: prompt.messages) : prompt)
        }
        guard !prompts.isEmpty else { throw LineError(path: path, line: nil, reason: "there is no prompt in it") }
        self.prompts = prompts
    }
}
