/// The lowest and the highest value seen.
package struct ValueRange: Equatable, Sendable {
    package private(set) var lowest: Float?
    package private(set) var highest: Float?

    package init() {}

    /// Widens the range to a value, and says where in it the value is, from 0 to 1; in the middle while there is but one.
    package mutating func place(_ value: Float) -> Double {
        guard value.isFinite else { return 0.5 }
        let low = min(lowest ?? value, value)
        let high = max(highest ?? value, value)
        (lowest, highest) = (low, high)
        guard high > low else { return 0.5 }
        return (Double(value) - Double(low)) / (Double(high) - Double(low))
    }
}
