/// How long a string may be, in Unicode code points, as JSON Schema counts (draft 2020-12, validation, section 6.3).
public struct JSONStringLimits: Sendable, Equatable {
    /// The fewest code points.
    public var minimum: Int
    /// The most; nil for no bound.
    public var maximum: Int?

    /// Strings of a minimum and a maximum of code points.
    public init(minimum: Int = 0, maximum: Int? = nil) {
        self.minimum = minimum
        self.maximum = maximum
    }
}
