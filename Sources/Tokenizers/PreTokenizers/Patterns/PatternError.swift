/// Why a regular expression is not one that text can be cut with here.
package struct PatternError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was found, and where.
    package let description: String

    init(_ reason: String, at offset: Int) {
        description = "\(reason), at character \(offset + 1)"
    }
}
