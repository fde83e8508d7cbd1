/// A setting is outside its range, or is not a number at all.
public struct ControlSettingsError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The field, as the `control` object and a head's metadata spell it.
    public let field: String
    /// What it may be.
    public let expected: String

    /// Names a field and what it may be.
    public init(field: String, expected: String) {
        self.field = field
        self.expected = expected
    }

    /// One sentence.
    public var description: String {
        "'\(field)' must be \(expected)"
    }
}
