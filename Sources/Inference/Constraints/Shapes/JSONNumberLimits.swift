/// Which numbers a value may be.
///
/// Every number is bounded: at most ``wholeDigits`` digits before the point and ``fractionDigits`` behind it; where no range is given, a
/// fraction's exponent of at most two digits may follow. Numbers are compared in whole units of 10^-12, exactly.
public struct JSONNumberLimits: Sendable, Equatable {
    /// The smallest number, in units of 10^-12.
    let lower: Int128
    /// The largest.
    let upper: Int128
    /// Whether the number is written without point and exponent.
    public let isInteger: Bool
    /// Whether an exponent may follow.
    let allowsExponent: Bool

    /// The most digits before the point.
    public static let wholeDigits = 15
    /// The most digits behind it.
    public static let fractionDigits = 12
    /// 1, in units.
    static let unit: Int128 = 1_000_000_000_000
    /// The largest number that can be written, in units.
    static let largest: Int128 = 1_000_000_000_000_000 * unit - 1

    /// The numbers of a range.
    ///
    /// - Parameters:
    ///   - isInteger: whether only whole numbers are meant.
    ///   - minimum: the smallest; nil for no bound.
    ///   - exclusiveMinimum: a number that all must be above.
    ///   - maximum: the largest.
    ///   - exclusiveMaximum: a number that all must be below.
    public init(
        isInteger: Bool = false,
        minimum: Double? = nil,
        exclusiveMinimum: Double? = nil,
        maximum: Double? = nil,
        exclusiveMaximum: Double? = nil
    ) {
        var (lower, upper) = (-Self.largest, Self.largest)
        if let minimum { lower = max(lower, DecimalUnits.ceiling(minimum)) }
        if let exclusiveMinimum { lower = max(lower, DecimalUnits.floor(exclusiveMinimum) + 1) }
        if let maximum { upper = min(upper, DecimalUnits.floor(maximum)) }
        if let exclusiveMaximum { upper = min(upper, DecimalUnits.ceiling(exclusiveMaximum) - 1) }
        if isInteger {
            lower = Self.floorDivision(lower + Self.unit - 1, Self.unit) * Self.unit
            upper = Self.floorDivision(upper, Self.unit) * Self.unit
        }
        self.lower = lower
        self.upper = upper
        self.isInteger = isInteger
        allowsExponent = !isInteger && minimum == nil && exclusiveMinimum == nil && maximum == nil && exclusiveMaximum == nil
    }

    /// Whether there is no such number.
    public var isEmpty: Bool {
        lower > upper
    }

    /// The sizes that a number of that sign may have, without its sign; nil where there is none. There is no negative zero.
    func magnitudes(isNegative: Bool) -> ClosedRange<Int128>? {
        let (low, high) = isNegative ? (max(1, -upper), -lower) : (max(0, lower), upper)
        return low <= high ? low...high : nil
    }

    private static func floorDivision(_ number: Int128, _ divisor: Int128) -> Int128 {
        let quotient = number / divisor
        return number % divisor < 0 ? quotient - 1 : quotient
    }
}
