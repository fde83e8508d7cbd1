/// The tests of chat templates: `value is name`.
enum TemplateTests {
    static func apply(_ name: String, _ value: TemplateValue, _ arguments: [TemplateValue], _ line: Int) throws(TemplateError) -> Bool {
        switch (name, value) {
        case ("defined", _): return value != .undefined
        case ("undefined", _): return value == .undefined
        case ("none", _): return value == .none
        case ("string", .string), ("mapping", .mapping), ("boolean", .bool), ("integer", .integer), ("float", .float): return true
        case ("sequence", .list), ("sequence", .string), ("sequence", .mapping): return true
        case ("iterable", .list), ("iterable", .string), ("iterable", .mapping): return true
        case ("number", .integer), ("number", .float), ("callable", .object): return true
        case ("true", .bool(let isTrue)): return isTrue
        case ("false", .bool(let isTrue)): return !isTrue
        case ("odd", .integer(let number)): return !number.isMultiple(of: 2)
        case ("even", .integer(let number)): return number.isMultiple(of: 2)
        case ("divisibleby", .integer(let number)):
            guard case .integer(let divisor)? = arguments.first, divisor != 0 else {
                throw TemplateError("divisibleby wants a number", line: line)
            }
            return number.isMultiple(of: divisor)
        case ("equalto", _), ("eq", _), ("sameas", _): return value == arguments.first ?? .undefined
        case ("ne", _): return value != arguments.first ?? .undefined
        case ("in", _):
            if case .list(let values)? = arguments.first { return values.contains(value) }
            return arguments.first?.text.utf8.contains(sequence: value.text.utf8) ?? false
        case ("string", _), ("mapping", _), ("boolean", _), ("integer", _), ("float", _), ("sequence", _), ("iterable", _), ("number", _),
            ("callable", _), ("true", _), ("false", _), ("odd", _), ("even", _), ("divisibleby", _):
            return false
        default: throw TemplateError("the test '\(name)' is not supported", line: line)
        }
    }
}
