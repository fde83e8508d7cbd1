/// The numbers a field may take.
package struct NumberRange: Sendable, CustomStringConvertible {
    private let lower: Double
    private let upper: Double
    private let includesLower: Bool

    /// lower ≤ x ≤ upper.
    package static func between(_ lower: Double, _ upper: Double) -> NumberRange {
        NumberRange(lower: lower, upper: upper, includesLower: true)
    }

    /// lower < x ≤ upper.
    package static func above(_ lower: Double, to upper: Double) -> NumberRange {
        NumberRange(lower: lower, upper: upper, includesLower: false)
    }

    /// lower ≤ x, and finite.
    package static func atLeast(_ lower: Double) -> NumberRange {
        NumberRange(lower: lower, upper: .greatestFiniteMagnitude, includesLower: true)
    }

    /// lower < x, and finite.
    package static func above(_ lower: Double) -> NumberRange {
        NumberRange(lower: lower, upper: .greatestFiniteMagnitude, includesLower: false)
    }

    /// Every finite number.
    package static let finite = NumberRange(lower: -.greatestFiniteMagnitude, upper: .greatestFiniteMagnitude, includesLower: true)

    package func contains(_ value: Double) -> Bool {
        value <= upper && (includesLower ? value >= lower : value > lower)
    }

    package var description: String {
        if upper == .greatestFiniteMagnitude {
            if lower == -.greatestFiniteMagnitude { return "a finite number" }
            return "a finite number \(includesLower ? "of at least" : "above") \(Self.text(lower))"
        }
        if includesLower { return "a number between \(Self.text(lower)) and \(Self.text(upper))" }
        return "a number above \(Self.text(lower)) and at most \(Self.text(upper))"
    }

    /// A number as people write it: 2, not 2.0.
    package static func text(_ value: Double) -> String {
        Int(exactly: value).map(String.init) ?? value.description
    }
}
