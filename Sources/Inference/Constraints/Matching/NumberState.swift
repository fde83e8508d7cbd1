/// How far a number is written.
struct NumberState: Hashable, Sendable {
    /// What was read last.
    private enum Phase: UInt8 {
        case start, sign, whole, point, fraction, exponent, exponentSign, exponentDigits
    }

    private var phase = Phase.start
    private var isNegative = false
    private var wholeCount = 0
    private var fractionCount = 0
    private var exponentCount = 0
    /// The digits so far, the exponent's not among them.
    private var digits: Int128 = 0

    /// Reads a byte; nil where it cannot stand here, or no number of the limits goes on so.
    func reading(_ byte: UInt8, _ limits: JSONNumberLimits) -> NumberState? {
        var next = self
        switch (byte, phase) {
        case (UInt8(ascii: "-"), .start):
            next.isNegative = true
            next.phase = .sign
        case (UInt8(ascii: "0")...UInt8(ascii: "9"), .start), (UInt8(ascii: "0")...UInt8(ascii: "9"), .sign):
            next.phase = .whole
            next.append(byte)
            next.wholeCount = 1
        case (UInt8(ascii: "0")...UInt8(ascii: "9"), .whole):
            guard digits > 0, wholeCount < JSONNumberLimits.wholeDigits else { return nil }
            next.append(byte)
            next.wholeCount += 1
        case (UInt8(ascii: "."), .whole):
            guard !limits.isInteger else { return nil }
            next.phase = .point
        case (UInt8(ascii: "0")...UInt8(ascii: "9"), .point), (UInt8(ascii: "0")...UInt8(ascii: "9"), .fraction):
            guard fractionCount < JSONNumberLimits.fractionDigits else { return nil }
            next.phase = .fraction
            next.append(byte)
            next.fractionCount += 1
        case (UInt8(ascii: "e"), .whole), (UInt8(ascii: "E"), .whole), (UInt8(ascii: "e"), .fraction), (UInt8(ascii: "E"), .fraction):
            // Not behind "-0", which is no number here.
            guard limits.allowsExponent, isComplete(limits) else { return nil }
            next.phase = .exponent
        case (UInt8(ascii: "+"), .exponent), (UInt8(ascii: "-"), .exponent):
            next.phase = .exponentSign
        case (UInt8(ascii: "0")...UInt8(ascii: "9"), .exponent), (UInt8(ascii: "0")...UInt8(ascii: "9"), .exponentSign),
            (UInt8(ascii: "0")...UInt8(ascii: "9"), .exponentDigits):
            guard exponentCount < 2 else { return nil }
            next.phase = .exponentDigits
            next.exponentCount += 1
        default:
            return nil
        }
        return next.cost(limits) == nil ? nil : next
    }

    private mutating func append(_ byte: UInt8) {
        digits = digits * 10 + Int128(byte - UInt8(ascii: "0"))
    }

    /// Whether what is written is a number of the limits.
    func isComplete(_ limits: JSONNumberLimits) -> Bool {
        switch phase {
        case .exponentDigits: true
        case .whole, .fraction: limits.magnitudes(isNegative: isNegative)?.contains(digits * Self.units(behind: fractionCount)) ?? false
        default: false
        }
    }

    /// How many bytes at least are to come; nil where no number of the limits begins so.
    func cost(_ limits: JSONNumberLimits) -> Int? {
        switch phase {
        case .exponent, .exponentSign: return 1
        case .exponentDigits: return 0
        case .start:
            let positive = limits.magnitudes(isNegative: false).flatMap { firstDigitCost($0, limits) }
            let negative = limits.magnitudes(isNegative: true).flatMap { firstDigitCost($0, limits) }.map { $0 + 1 }
            return [positive, negative].compactMap { $0 }.min()
        case .sign: return limits.magnitudes(isNegative: true).flatMap { firstDigitCost($0, limits) }
        case .whole: return limits.magnitudes(isNegative: isNegative).flatMap { wholeCost($0, limits) }
        case .point, .fraction: return limits.magnitudes(isNegative: isNegative).flatMap(fractionCost)
        }
    }

    /// The cost where the first digit is to come.
    private func firstDigitCost(_ range: ClosedRange<Int128>, _ limits: JSONNumberLimits) -> Int? {
        var next = self
        (next.phase, next.wholeCount) = (.whole, 1)
        return (Int128(0)...9).compactMap { digit in
            next.digits = digit
            return next.wholeCost(range, limits).map { $0 + 1 }
        }.min()
    }

    /// The cost behind digits that are not of a fraction: of more of them, and then of a fraction.
    private func wholeCost(_ range: ClosedRange<Int128>, _ limits: JSONNumberLimits) -> Int? {
        var best: Int?
        var scale: Int128 = 1
        // A zero has no digits behind it.
        for more in 0...(digits == 0 ? 0 : JSONNumberLimits.wholeDigits - wholeCount) {
            if let best, best <= more { break }
            let reach = digits * scale * JSONNumberLimits.unit...(digits + 1) * scale * JSONNumberLimits.unit - 1
            for fraction in 0...(limits.isInteger ? 0 : JSONNumberLimits.fractionDigits)
            where Self.hasMultiple(of: Self.units(behind: fraction), range, reach) {
                let cost = more + (fraction > 0 ? fraction + 1 : 0)
                best = min(best ?? cost, cost)
                break
            }
            scale *= 10
        }
        return best
    }

    /// The cost behind the point.
    private func fractionCost(_ range: ClosedRange<Int128>) -> Int? {
        let unit = Self.units(behind: fractionCount)
        let reach = digits * unit...(digits + 1) * unit - 1
        return (max(fractionCount, 1)...JSONNumberLimits.fractionDigits)
            .first { Self.hasMultiple(of: Self.units(behind: $0), range, reach) }.map { $0 - fractionCount }
    }

    /// What the last of so many digits behind the point counts, in units.
    private static func units(behind count: Int) -> Int128 {
        var units = JSONNumberLimits.unit
        for _ in 0..<count { units /= 10 }
        return units
    }

    /// Whether two ranges of sizes have a multiple of a number in common.
    private static func hasMultiple(of number: Int128, _ first: ClosedRange<Int128>, _ second: ClosedRange<Int128>) -> Bool {
        let (low, high) = (max(first.lowerBound, second.lowerBound), min(first.upperBound, second.upperBound))
        return low <= high && (low + number - 1) / number * number <= high
    }
}
