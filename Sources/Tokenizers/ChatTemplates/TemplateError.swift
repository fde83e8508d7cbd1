/// Why a chat template cannot be used, or does not take these messages.
public struct TemplateError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong.
    public let reason: String
    /// The line of the template, from 1 on; 0 where none is to blame.
    public let line: Int

    init(_ reason: String, line: Int = 0) {
        self.reason = reason
        self.line = line
    }

    /// One sentence.
    public var description: String {
        line > 0 ? "chat template, line \(line): \(reason)" : reason
    }
}
