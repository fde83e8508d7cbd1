/// Why a chat template cannot be used, or does not take these messages.
public struct TemplateError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong.
    public let reason: String
    /// The line of the template, from 1 on; 0 where none is to blame.
    public let line: Int
    /// Whether the template itself refuses the messages, by `raise_exception`; if not it is not Jinja as it is understood here, or went wrong.
    public let isRefusal: Bool

    init(_ reason: String, line: Int = 0, isRefusal: Bool = false) {
        self.reason = reason
        self.line = line
        self.isRefusal = isRefusal
    }

    /// One sentence.
    public var description: String {
        line > 0 ? "chat template, line \(line): \(reason)" : "chat template: \(reason)"
    }
}
