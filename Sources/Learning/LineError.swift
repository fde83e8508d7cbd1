/// A file of lines cannot be read or used.
public struct LineError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Which file.
    public let path: String
    /// Which line, counted from 1; nil where it is not about one.
    public let line: Int?
    /// What is wrong.
    public let reason: String
    /// What to do about it, where that is known.
    public let nextStep: String?

    /// Says what is wrong with a file.
    init(path: String, line: Int?, reason: String, nextStep: String? = nil) {
        self.path = path
        self.line = line
        self.reason = reason
        self.nextStep = nextStep
    }

    /// One sentence.
    public var description: String {
        (line.map { "\(path), line \($0): " } ?? "\(path): ") + reason + (nextStep.map { "; \($0)" } ?? "")
    }

    /// The same with what to do about it, where that was not known.
    func advising(_ nextStep: String) -> LineError {
        LineError(path: path, line: line, reason: reason, nextStep: self.nextStep ?? nextStep)
    }
}
