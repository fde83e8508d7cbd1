/// A sampling parameter is outside its range.
public struct SamplingParametersError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The field, as the OpenAI interface spells it.
    public let field: String
    /// What it may be.
    public let expected: String

    /// One sentence.
    public var description: String {
        "'\(field)' must be \(expected)"
    }
}
