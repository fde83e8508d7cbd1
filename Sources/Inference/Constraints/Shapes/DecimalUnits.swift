/// Turns numbers into whole units of 10^-12, by the shortest decimal that names the number: 0.1 is a tenth, as whoever wrote it meant.
enum DecimalUnits {
    /// Beyond every number that ``JSONNumberLimits`` can hold; what is larger becomes this.
    private static let beyond: Int128 = 10 * JSONNumberLimits.largest

    /// The largest number of units that is not above it.
    static func floor(_ number: Double) -> Int128 {
        let (units, isExact) = truncated(number)
        return !isExact && number < 0 ? units - 1 : units
    }

    /// The smallest number of units that is not below it.
    static func ceiling(_ number: Double) -> Int128 {
        let (units, isExact) = truncated(number)
        return !isExact && number > 0 ? units + 1 : units
    }

    /// The units on the way to 0.
    private static func truncated(_ number: Double) -> (units: Int128, isExact: Bool) {
        guard abs(number) < 1e16 else { return (number < 0 ? -beyond : beyond, true) }
        var (digits, exponent): (Int128, Int) = (0, 12)
        var isBehindPoint = false
        let parts = abs(number).description.split(separator: "e")
        for byte in parts[0].utf8 {
            if byte == UInt8(ascii: ".") {
                isBehindPoint = true
            } else {
                digits = digits * 10 + Int128(byte - UInt8(ascii: "0"))
                if isBehindPoint { exponent -= 1 }
            }
        }
        if parts.count > 1 { exponent += Int(parts[1]) ?? 0 }
        var isExact = true
        while exponent > 0 {
            digits *= 10
            exponent -= 1
        }
        while exponent < 0, digits > 0 {
            isExact = isExact && digits % 10 == 0
            digits /= 10
            exponent += 1
        }
        return (number < 0 ? -digits : digits, isExact)
    }
}
