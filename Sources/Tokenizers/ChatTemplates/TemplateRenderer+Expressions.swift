#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

extension TemplateRenderer {
    /// The value of an expression.
    mutating func evaluate(_ expression: TemplateExpression) throws(TemplateError) -> TemplateValue {
        try step(line: 0)
        switch expression {
        case .literal(let value): return value
        case .name(let name, _): return scope[name] ?? .undefined
        case .list(let elements): return .list(try evaluate(elements))
        case .mapping(let members):
            var values: [(key: String, value: TemplateValue)] = []
            for (key, value) in members { values.append((try evaluate(key).text, try evaluate(value))) }
            return .mapping(values)
        case .member(let base, let key, let line): return try member(try evaluate(base), try evaluate(key), line)
        case .slice(let base, let start, let end, let step, let line): return try slice(try evaluate(base), start, end, step, line)
        case .call(let function, let arguments, let line): return try call(function, arguments, line)
        case .filter(let base, let name, let arguments, let line):
            let value = try evaluate(base)
            let positional = try evaluate(arguments.positional)
            return try TemplateFilters.apply(name, value, positional, try evaluate(arguments.named), line)
        case .test(let base, let name, let arguments, let isNegated, let line):
            let value = try evaluate(base)
            return .bool(try TemplateTests.apply(name, value, try evaluate(arguments.positional), line) != isNegated)
        case .not(let value): return .bool(!(try evaluate(value).isTrue))
        case .negative(let value, let line):
            switch try evaluate(value) {
            case .integer(let number) where number != .min: return .integer(-number)
            case .float(let number): return .float(-number)
            case let other: throw TemplateError("\(other.typeName) has no negative", line: line)
            }
        case .binary(let left, "and", let right, _):
            let value = try evaluate(left)
            return value.isTrue ? try evaluate(right) : value
        case .binary(let left, "or", let right, _):
            let value = try evaluate(left)
            return value.isTrue ? value : try evaluate(right)
        case .binary(let left, let symbol, let right, let line):
            return try combine(try evaluate(left), symbol, try evaluate(right), line)
        case .conditional(let test, let then, let otherwise):
            if try evaluate(test).isTrue { return try evaluate(then) }
            guard let otherwise else { return .undefined }
            return try evaluate(otherwise)
        }
    }

    private mutating func evaluate(_ expressions: [TemplateExpression]) throws(TemplateError) -> [TemplateValue] {
        var values: [TemplateValue] = []
        for expression in expressions { values.append(try evaluate(expression)) }
        return values
    }

    private mutating func evaluate(
        _ named: [(name: String, value: TemplateExpression)]
    ) throws(TemplateError) -> [(name: String, value: TemplateValue)] {
        var values: [(name: String, value: TemplateValue)] = []
        for argument in named { values.append((argument.name, try evaluate(argument.value))) }
        return values
    }

    private func member(_ base: TemplateValue, _ key: TemplateValue, _ line: Int) throws(TemplateError) -> TemplateValue {
        switch (base, key) {
        case (.mapping, .string(let name)): return base.member(name) ?? .undefined
        case (.object(let object), .string(let name)): return object.members.last { $0.key == name }?.value ?? .undefined
        case (.list(let values), .integer(let index)):
            let position = index < 0 ? index + values.count : index
            return values.indices.contains(position) ? values[position] : .undefined
        case (.string(let text), .integer(let index)):
            let scalars = Array(text.unicodeScalars)
            let position = index < 0 ? index + scalars.count : index
            return scalars.indices.contains(position) ? .string(String(Character(scalars[position]))) : .undefined
        case (.undefined, _): throw TemplateError("an undefined value has no member '\(key.text)'", line: line)
        default: return .undefined
        }
    }

    private mutating func slice(
        _ base: TemplateValue,
        _ start: TemplateExpression?,
        _ end: TemplateExpression?,
        _ step: TemplateExpression?,
        _ line: Int
    ) throws(TemplateError) -> TemplateValue {
        func bound(_ value: TemplateValue?) throws(TemplateError) -> Int? {
            switch value {
            case nil, .some(.none): return nil
            case .integer(let number): return number
            case .some(let other): throw TemplateError("a slice wants whole numbers, not \(other.typeName)", line: line)
            }
        }
        let first = try bound(try start.map { value throws(TemplateError) in try evaluate(value) })
        let last = try bound(try end.map { value throws(TemplateError) in try evaluate(value) })
        let stride = try bound(try step.map { value throws(TemplateError) in try evaluate(value) }) ?? 1
        let elements: [TemplateValue]
        switch base {
        case .list(let values): elements = values
        case .string(let text): elements = text.unicodeScalars.map { .string(String(Character($0))) }
        default: throw TemplateError("\(base.typeName) cannot be sliced", line: line)
        }
        guard stride == 1 || stride == -1 else {
            throw TemplateError("slices with a step other than 1 and -1 are not supported", line: line)
        }
        let count = elements.count
        func clamp(_ index: Int) -> Int {
            min(max(index < 0 ? max(index, -count - 1) + count : index, stride < 0 ? -1 : 0), stride < 0 ? count - 1 : count)
        }
        let from = first.map(clamp) ?? (stride < 0 ? count - 1 : 0)
        let to = last.map(clamp) ?? (stride < 0 ? -1 : count)
        let chosen: [TemplateValue] =
            stride < 0
            ? Swift.stride(from: from, to: to, by: -1).map { elements[$0] } : from < to ? Array(elements[from..<to]) : []
        if case .string = base { return .string(chosen.map(\.text).joined()) }
        return .list(chosen)
    }

    private mutating func call(_ function: TemplateExpression, _ arguments: TemplateArguments, _ line: Int) throws(TemplateError)
        -> TemplateValue
    {
        let positional = try evaluate(arguments.positional)
        let named = try evaluate(arguments.named)
        if case .member(let base, .literal(.string(let name)), _) = function {
            let value = try evaluate(base)
            if case .object(let object) = value, case .object(let member)? = object.members.last(where: { $0.key == name })?.value,
                let macro = member.macro
            {
                return try call(macro, positional, named, line: line)
            }
            return try TemplateMethods.call(name, value, positional, line)
        }
        if case .object(let object) = try evaluate(function), let macro = object.macro {
            return try call(macro, positional, named, line: line)
        }
        guard case .name(let name, _) = function else { throw TemplateError("this cannot be called", line: line) }
        switch name {
        case "raise_exception": throw TemplateError(positional.first?.text ?? "the template refuses these messages", line: line)
        case "namespace": return .object(TemplateObject(members: named.map { ($0.name, $0.value) }))
        case "dict": return .mapping(named.map { ($0.name, $0.value) })
        case "strftime_now": return .string(clock(positional.first?.text ?? ""))
        case "range": return try range(positional, line)
        default: throw TemplateError("there is no function '\(name)'", line: line)
        }
    }

    private func range(_ arguments: [TemplateValue], _ line: Int) throws(TemplateError) -> TemplateValue {
        var numbers: [Int] = []
        for argument in arguments {
            guard case .integer(let number) = argument else { throw TemplateError("range wants whole numbers", line: line) }
            numbers.append(number)
        }
        guard (1...3).contains(numbers.count), numbers.count < 3 || numbers[2] != 0 else {
            throw TemplateError("range wants one to three numbers", line: line)
        }
        let (start, end) = numbers.count == 1 ? (0, numbers[0]) : (numbers[0], numbers[1])
        let step = numbers.count == 3 ? numbers[2] : 1
        let limit = 100_000
        var values: [TemplateValue] = []
        for number in Swift.stride(from: start, to: end, by: step) {
            guard values.count < limit else { throw TemplateError("a range of more than \(limit) numbers", line: line) }
            values.append(.integer(number))
        }
        return .list(values)
    }

    private func combine(_ left: TemplateValue, _ symbol: String, _ right: TemplateValue, _ line: Int) throws(TemplateError)
        -> TemplateValue
    {
        switch symbol {
        case "==": return .bool(left == right)
        case "!=": return .bool(left != right)
        case "~": return .string(left.text + right.text)
        case "in": return .bool(try contains(right, left, line))
        case "<", "<=", ">", ">=": return .bool(try compare(left, symbol, right, line))
        default: break
        }
        switch (left, symbol, right) {
        case (.string(let a), "+", .string(let b)): return .string(a + b)
        case (.list(let a), "+", .list(let b)): return .list(a + b)
        case (.string(let text), "*", .integer(let count)), (.integer(let count), "*", .string(let text)):
            guard count <= 10_000, text.utf8.count * max(count, 0) <= 1 << 20 else {
                throw TemplateError("a repeated string is too long", line: line)
            }
            return .string(String(repeating: text, count: max(count, 0)))
        case (.integer(let a), _, .integer(let b)):
            if let value = integers(a, symbol, b) { return value }
        default:
            if let a = left.number, let b = right.number, let value = floats(a, symbol, b) { return value }
        }
        throw TemplateError("\(left.typeName) \(symbol) \(right.typeName) is not possible", line: line)
    }

    private func integers(_ a: Int, _ symbol: String, _ b: Int) -> TemplateValue? {
        let outcome: (partialValue: Int, overflow: Bool)
        switch symbol {
        case "+": outcome = a.addingReportingOverflow(b)
        case "-": outcome = a.subtractingReportingOverflow(b)
        case "*": outcome = a.multipliedReportingOverflow(by: b)
        case "/": return b == 0 ? nil : .float(Double(a) / Double(b))
        case "//", "%":
            // Python rounds down: the remainder has the divisor's sign.
            let (quotient, overflow) = a.dividedReportingOverflow(by: b)
            guard !overflow else { return nil }
            let remainder = a - quotient * b
            let isOff = remainder != 0 && (remainder < 0) != (b < 0)
            return .integer(symbol == "%" ? (isOff ? remainder + b : remainder) : (isOff ? quotient - 1 : quotient))
        default: return nil
        }
        return outcome.overflow ? nil : .integer(outcome.partialValue)
    }

    private func floats(_ a: Double, _ symbol: String, _ b: Double) -> TemplateValue? {
        switch symbol {
        case "+": .float(a + b)
        case "-": .float(a - b)
        case "*": .float(a * b)
        case "/": b == 0 ? nil : .float(a / b)
        case "//": b == 0 ? nil : .float((a / b).rounded(.down))
        case "%": b == 0 ? nil : .float(a - b * (a / b).rounded(.down))
        default: nil
        }
    }

    private func compare(_ left: TemplateValue, _ symbol: String, _ right: TemplateValue, _ line: Int) throws(TemplateError) -> Bool {
        let order: Int
        if let a = left.number, let b = right.number {
            order = a < b ? -1 : a > b ? 1 : 0
        } else if case .string(let a) = left, case .string(let b) = right {
            order = a.utf8.elementsEqual(b.utf8) ? 0 : a.utf8.lexicographicallyPrecedes(b.utf8) ? -1 : 1
        } else {
            throw TemplateError("\(left.typeName) and \(right.typeName) have no order", line: line)
        }
        switch symbol {
        case "<": return order < 0
        case "<=": return order <= 0
        case ">": return order > 0
        default: return order >= 0
        }
    }

    private func contains(_ container: TemplateValue, _ value: TemplateValue, _ line: Int) throws(TemplateError) -> Bool {
        switch (container, value) {
        case (.list(let values), _): return values.contains(value)
        case (.mapping, .string(let key)): return container.member(key) != nil
        case (.string(let text), .string(let part)): return part.isEmpty || text.utf8.contains(sequence: part.utf8)
        case (.mapping, _), (.undefined, _): return false
        default: throw TemplateError("\(container.typeName) contains nothing", line: line)
        }
    }
}

extension String.UTF8View {
    /// Whether the bytes of `part` occur side by side.
    func contains(sequence part: String.UTF8View) -> Bool {
        let (text, part) = (Array(self), Array(part))
        guard part.count <= text.count else { return false }
        return (0...text.count - part.count).contains { text[$0...].starts(with: part) }
    }
}
