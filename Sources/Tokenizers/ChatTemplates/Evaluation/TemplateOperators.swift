import Foundation

/// Python's operators.
enum TemplateOperators {
    static func sign(_ value: TemplateValue, _ isNegative: Bool, _ line: Int) throws(TemplateError) -> TemplateValue {
        if let integer = value.integer, integer != .min { return .integer(isNegative ? -integer : integer) }
        if case .float(let number) = value { return .float(isNegative ? -number : number) }
        throw TemplateError("\(value.typeName) has no sign", line: line)
    }

    /// `left symbol right` for `+ - * / // % **`.
    static func combine(
        _ left: TemplateValue,
        _ symbol: String,
        _ right: TemplateValue,
        _ budget: inout TemplateBudget,
        _ line: Int
    ) throws(TemplateError) -> TemplateValue {
        if let value = try TemplateMarkup.combine(left, symbol, right, &budget, line) { return value }
        switch (left, symbol, right) {
        case (.string(let a), "+", .string(let b)):
            try budget.spend(bytes: a.utf8.count + b.utf8.count, line: line)
            return .string(a + b)
        case (.list(let a), "+", .list(let b)):
            try budget.spend(a.count + b.count, line: line)
            return .list(a + b)
        case (.tuple(let a), "+", .tuple(let b)):
            try budget.spend(a.count + b.count, line: line)
            return .tuple(a + b)
        case (.string(let text), "*", .integer(let count)), (.integer(let count), "*", .string(let text)):
            try budget.spend(bytes: text.utf8.count, times: count, line: line)
            return .string(PythonText.repeated(text, count))
        case (.list(let values), "*", .integer(let count)), (.integer(let count), "*", .list(let values)):
            return .list(try repeated(values, count, &budget, line))
        case (.tuple(let values), "*", .integer(let count)), (.integer(let count), "*", .tuple(let values)):
            return .tuple(try repeated(values, count, &budget, line))
        case (.string(let format), "%", .tuple(let values)):
            return .string(try TemplateFormat.text(format, values, &budget, line: line))
        case (.string(let format), "%", _):
            return .string(try TemplateFormat.text(format, [right], &budget, line: line))
        default: break
        }
        if let a = left.integer, let b = right.integer, let value = integers(a, symbol, b) { return value }
        if left.integer == nil || right.integer == nil, let a = left.number, let b = right.number, let value = floats(a, symbol, b) {
            return value
        }
        if left.number != nil, right.number != nil {
            throw TemplateError(right.number == 0 ? "division by zero" : "the result of \(symbol) is too large", line: line)
        }
        throw TemplateError("\(left.typeName) \(symbol) \(right.typeName) is not possible", line: line)
    }

    private static func repeated(
        _ values: [TemplateValue],
        _ count: Int,
        _ budget: inout TemplateBudget,
        _ line: Int
    ) throws(TemplateError) -> [TemplateValue] {
        try budget.spend(bytes: values.count * MemoryLayout<TemplateValue>.size, times: count, line: line)
        return [[TemplateValue]](repeating: values, count: max(count, 0)).flatMap { $0 }
    }

    private static func integers(_ a: Int, _ symbol: String, _ b: Int) -> TemplateValue? {
        switch symbol {
        case "+": return checked(a.addingReportingOverflow(b))
        case "-": return checked(a.subtractingReportingOverflow(b))
        case "*": return checked(a.multipliedReportingOverflow(by: b))
        case "/": return b == 0 ? nil : .float(Double(a) / Double(b))
        case "//", "%":
            // Python rounds down: the remainder has the divisor's sign.
            let (quotient, overflow) = a.dividedReportingOverflow(by: b)
            guard !overflow else { return nil }
            let remainder = a - quotient * b
            let isOff = remainder != 0 && (remainder < 0) != (b < 0)
            return .integer(symbol == "%" ? (isOff ? remainder + b : remainder) : (isOff ? quotient - 1 : quotient))
        case "**":
            guard b >= 0 else { return a == 0 ? nil : .float(pow(Double(a), Double(b))) }
            var result = TemplateValue.integer(1)
            for _ in 0..<min(b, 64) {
                guard case .integer(let product) = result, let next = checked(product.multipliedReportingOverflow(by: a)) else {
                    return nil
                }
                result = next
            }
            return b <= 64 ? result : a == 0 || a == 1 ? .integer(a) : a == -1 ? .integer(b.isMultiple(of: 2) ? 1 : -1) : nil
        default: return nil
        }
    }

    private static func checked(_ result: (partialValue: Int, overflow: Bool)) -> TemplateValue? {
        result.overflow ? nil : .integer(result.partialValue)
    }

    private static func floats(_ a: Double, _ symbol: String, _ b: Double) -> TemplateValue? {
        switch symbol {
        case "+": .float(a + b)
        case "-": .float(a - b)
        case "*": .float(a * b)
        case "/": b == 0 ? nil : .float(a / b)
        case "//": b == 0 ? nil : .float((a / b).rounded(.down))
        case "%": b == 0 ? nil : .float(a - b * (a / b).rounded(.down))
        case "**": a < 0 && b != b.rounded() ? nil : .float(pow(a, b))
        default: nil
        }
    }

    /// `left symbol right` for comparisons and `in`.
    static func compare(
        _ left: TemplateValue,
        _ symbol: String,
        _ right: TemplateValue,
        _ budget: inout TemplateBudget,
        _ line: Int
    ) throws(TemplateError) -> Bool {
        switch symbol {
        case "==", "!=":
            try budget.admit(left, line: line)
            return (left == right) == (symbol == "==")
        case "in": return try contains(right, left, &budget, line)
        case "not in": return !(try contains(right, left, &budget, line))
        default:
            try budget.admit(left, line: line)
            let order = try order(left, right, line)
            return switch symbol {
            case "<": order < 0
            case "<=": order <= 0
            case ">": order > 0
            default: order >= 0
            }
        }
    }

    /// Negative where `left` comes first, 0 where they are equal.
    static func order(_ left: TemplateValue, _ right: TemplateValue, _ line: Int) throws(TemplateError) -> Int {
        if let a = left.integer, let b = right.integer { return a < b ? -1 : a > b ? 1 : 0 }
        if let a = left.number, let b = right.number { return a < b ? -1 : a > b ? 1 : 0 }
        if case .string(let a) = left.plain, case .string(let b) = right.plain {
            return a.utf8.elementsEqual(b.utf8) ? 0 : a.utf8.lexicographicallyPrecedes(b.utf8) ? -1 : 1
        }
        switch (left, right) {
        case (.list(let a), .list(let b)), (.tuple(let a), .tuple(let b)):
            for (x, y) in zip(a, b) where x != y { return try order(x, y, line) }
            return a.count - b.count
        default: break
        }
        throw TemplateError("\(left.typeName) and \(right.typeName) have no order", line: line)
    }

    /// Whether a container holds a value.
    static func contains(
        _ container: TemplateValue,
        _ value: TemplateValue,
        _ budget: inout TemplateBudget,
        _ line: Int
    ) throws(TemplateError) -> Bool {
        switch (container.plain, value.plain) {
        case (.list(let values), _): return try contains(values, value, &budget, line)
        case (.mapping(let members), _):
            try budget.spend(members.count, line: line)
            return container.member(key: value) != nil
        case (.undefined, _): return false
        case (.string(let text), .string(let part)):
            try budget.spend(bytes: text.utf8.count + part.utf8.count, line: line)
            return PythonText.contains(text, part)
        case (.object(let object), _):
            switch object.kind {
            case .view(_, let values): return try contains(values, value, &budget, line)
            case .generator(let generator):
                try budget.spend(comparing: value, times: generator.values.count, line: line)
                return generator.take { $0 == value }.last == value
            default: break
            }
        default: break
        }
        throw TemplateError("\(container.typeName) cannot hold \(value.typeName)", line: line)
    }

    private static func contains(
        _ values: [TemplateValue],
        _ value: TemplateValue,
        _ budget: inout TemplateBudget,
        _ line: Int
    ) throws(TemplateError) -> Bool {
        try budget.spend(comparing: value, times: values.count, line: line)
        return values.contains(value)
    }
}
