import Foundation

/// A file of prompts, one JSON object a line, all of them in memory.
public struct PromptFile: Sendable {
    /// The prompts, in the file's order; those without an id are named by their line.
    public let prompts: [Prompt]

    /// Reads a file.
    ///
    /// - Throws: ``LineError`` that names the line.
    public init(path: String) throws(LineError) {
        var prompts: [Prompt] = []
        do throws(LineError) {
            try JSONLines.read(path) { (prompt: Prompt, line) throws(LineError) in
                prompts.append(prompt.named("\(line)"))
            }
            guard !prompts.isEmpty else { throw LineError(path: path, line: nil, reason: "there is no prompt in it") }
        } catch {
            throw error.advising(Prompt.fileForm)
        }
        self.prompts = prompts
    }
}
