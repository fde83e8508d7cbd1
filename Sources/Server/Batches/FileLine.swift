/// A line of a stored file.
struct FileLine: Sendable, Equatable {
    /// Which line it is, counted from 1; empty lines count, too.
    let number: Int
    /// The line without its end; nil where it is longer than was allowed.
    let bytes: [UInt8]?
    /// Where in the file the next line begins.
    let end: Int
    /// Whether the line has its end, and not just the file's.
    let isWhole: Bool
}
