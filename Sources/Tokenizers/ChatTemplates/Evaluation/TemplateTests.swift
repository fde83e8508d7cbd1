import ModelFiles

/// The tests of chat templates: `value is name`.
enum TemplateTests {
    private static let names: Set<String> = [
        "!=", "<", "<=", "==", ">", ">=", "boolean", "callable", "defined", "divisibleby", "eq", "equalto", "escaped", "even", "false",
        "filter", "float", "ge", "greaterthan", "gt", "in", "integer", "iterable", "le", "lessthan", "lower", "lt", "mapping", "ne",
        "none", "number", "odd", "sameas", "sequence", "string", "test", "true", "undefined", "upper",
    ]

    /// Tests that take a value to compare with.
    private static let comparing: Set<String> = [
        "!=", "<", "<=", "==", ">", ">=", "divisibleby", "eq", "equalto", "ge", "greaterthan", "gt", "in", "le", "lessthan", "lt", "ne",
        "sameas",
    ]

    static func apply(
        _ name: String,
        _ value: TemplateValue,
        _ arguments: [TemplateValue],
        _ budget: inout TemplateBudget,
        _ line: Int
    ) throws(TemplateError) -> Bool {
        let name = name.word
        guard arguments.count <= (comparing.contains(name) ? 1 : 0) else {
            throw TemplateError("the test '\(name)' takes fewer arguments", line: line)
        }
        let argument = arguments.first ?? .undefined
        switch name {
        case "filter": return TemplateFilters.names.contains(try TemplateText.string(value, &budget, line: line).word)
        case "test": return names.contains(try TemplateText.string(value, &budget, line: line).word)
        case "escaped": if case .markup = value { return true }
        case "defined": return value != .undefined
        case "undefined": return value == .undefined
        case "none": return value == .none
        case "string": if case .string = value.plain { return true }
        case "mapping": if case .mapping = value { return true }
        case "boolean": if case .bool = value { return true }
        case "integer": if case .integer = value { return true }
        case "float": if case .float = value { return true }
        case "number": return value.number != nil
        case "true": return value.isTruthValue && value.isTrue
        case "false": return value.isTruthValue && !value.isTrue
        case "sequence":
            switch value.plain {
            case .string, .list, .mapping, .undefined: return true
            default: break
            }
        case "iterable":
            switch value.plain {
            case .string, .list, .mapping, .undefined: return true
            case .object(let object):
                switch object.kind {
                case .generator, .view: return true
                default: break
                }
            default: break
            }
        case "callable":
            guard case .object(let object) = value else { return value == .undefined }
            switch object.kind {
            case .macro, .function, .method, .loop: return true
            case .namespace, .generator, .view: return false
            }
        case "odd", "even", "divisibleby":
            let divisor = name == "divisibleby" ? argument : .integer(2)
            guard case .integer(let rest) = try TemplateOperators.combine(value, "%", divisor, &budget, line) else { return false }
            return (rest == 0) != (name == "odd")
        case "equalto", "eq", "==", "sameas": return try TemplateOperators.compare(value, "==", argument, &budget, line)
        case "ne", "!=": return try TemplateOperators.compare(value, "!=", argument, &budget, line)
        case "lt", "lessthan", "<": return try TemplateOperators.compare(value, "<", argument, &budget, line)
        case "le", "<=": return try TemplateOperators.compare(value, "<=", argument, &budget, line)
        case "gt", "greaterthan", ">": return try TemplateOperators.compare(value, ">", argument, &budget, line)
        case "ge", ">=": return try TemplateOperators.compare(value, ">=", argument, &budget, line)
        case "in": return try TemplateOperators.contains(argument, value, &budget, line)
        case "lower", "upper":
            let text = try TemplateText.string(value, &budget, line: line)
            return PythonText.isCased(text, upper: name == "upper")
        default: throw TemplateError("the test '\(name)' is not supported", line: line)
        }
        return false
    }
}

extension TemplateValue {
    /// Whether this is true or false itself.
    fileprivate var isTruthValue: Bool {
        if case .bool = self { true } else { false }
    }
}
