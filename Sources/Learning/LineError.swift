/// A file of lines cannot be read or used.
public struct LineError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Which file.
    public let path: String
    /// Which line, counted from 1; nil where it is not about one.
    public let line: Int?
    /// What is wrong.
    public let reason: String

    /// One sentence.
    public var description: String {
        line.map { "\(path), line \($0): \(reason)" } ?? "\(path): \(reason)"
    }
}
