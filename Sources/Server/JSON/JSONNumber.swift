/// A JSON number, kept so that whole numbers, fractions and numbers beyond the machine's range can be told apart.
package enum JSONNumber: Sendable, Equatable {
    /// A number written without fraction or exponent that fits in 64 signed bits.
    case integer(Int64)
    /// A number written without fraction or exponent between 2⁶³ and 2⁶⁴ − 1.
    case unsigned(UInt64)
    /// A number with fraction or exponent, or a whole number of more than 64 bits; finite.
    case float(Double)
    /// A number whose size is beyond a double's range, such as 1e999.
    case unrepresentable

    /// The nearest double; infinite where there is none.
    package var double: Double {
        switch self {
        case .integer(let value): Double(value)
        case .unsigned(let value): Double(value)
        case .float(let value): value
        case .unrepresentable: .infinity
        }
    }

    /// The value where it is whole and fits an `Int`. `16.0` is whole, as JSON Schema has it.
    package var integer: Int? {
        switch self {
        case .integer(let value): Int(exactly: value)
        case .unsigned(let value): Int(exactly: value)
        case .float(let value): Int(exactly: value)
        case .unrepresentable: nil
        }
    }

    /// Whether the number is written again as one that equals it: not a whole one of more than 64 bits, whose last digits are lost.
    package var isExact: Bool {
        switch self {
        case .integer, .unsigned: true
        case .float(let value): !isWhole || abs(value) < 0x1p64
        case .unrepresentable: false
        }
    }

    /// Whether the number has no fraction, whatever its size.
    package var isWhole: Bool {
        switch self {
        case .integer, .unsigned: true
        case .float(let value): value.rounded(.towardZero) == value
        case .unrepresentable: false
        }
    }
}
