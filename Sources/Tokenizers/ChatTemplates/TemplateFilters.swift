/// The filters of chat templates: `value | name(arguments)`.
enum TemplateFilters {
    static func apply(
        _ name: String,
        _ value: TemplateValue,
        _ arguments: [TemplateValue],
        _ named: [(name: String, value: TemplateValue)],
        _ line: Int
    ) throws(TemplateError) -> TemplateValue {
        switch name {
        case "trim", "upper", "lower", "capitalize", "title", "replace", "split":
            let method = name == "trim" ? "strip" : name
            return try TemplateMethods.call(method, .string(value.text), arguments, line)
        case "string", "safe", "e", "escape": return .string(value.text)
        case "length", "count": return try length(value, line)
        case "default", "d":
            let alsoFalse = arguments.dropFirst().first?.isTrue ?? named.first { $0.name == "boolean" }?.value.isTrue ?? false
            return value == .undefined || (alsoFalse && !value.isTrue) ? arguments.first ?? .string("") : value
        case "join":
            let separator = arguments.first?.text ?? ""
            return .string(try elements(value, line).map(\.text).joined(separator: separator))
        case "first": return try elements(value, line).first ?? .undefined
        case "last": return try elements(value, line).last ?? .undefined
        case "list": return .list(try elements(value, line))
        case "reverse":
            let reversed = Array(try elements(value, line).reversed())
            if case .string = value { return .string(reversed.map(\.text).joined()) }
            return .list(reversed)
        case "unique":
            var kept: [TemplateValue] = []
            for element in try elements(value, line) where !kept.contains(element) { kept.append(element) }
            return .list(kept)
        case "int": return .integer(integer(value) ?? 0)
        case "float": return .float(value.number ?? Double(value.text) ?? 0)
        case "abs":
            guard let number = value.number else { throw TemplateError("\(value.typeName) has no magnitude", line: line) }
            if case .integer(let integer) = value, integer != .min { return .integer(abs(integer)) }
            return .float(abs(number))
        case "items", "dictsort":
            guard case .mapping(let members) = value else { throw TemplateError("\(value.typeName) has no members", line: line) }
            let sorted = name == "items" ? members : members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            return .list(sorted.map { .list([.string($0.key), $0.value]) })
        case "tojson":
            let indent = named.first { $0.name == "indent" }?.value ?? arguments.first
            if case .integer(let width)? = indent { return .string(TemplateJSON.text(value, indent: min(max(width, 0), 16))) }
            return .string(TemplateJSON.text(value, indent: nil))
        case "map":
            guard let attribute = named.first(where: { $0.name == "attribute" })?.value.text else {
                guard let filter = arguments.first?.text else { throw TemplateError("map wants an attribute or a filter", line: line) }
                var mapped: [TemplateValue] = []
                for element in try elements(value, line) {
                    mapped.append(try apply(filter, element, Array(arguments.dropFirst()), [], line))
                }
                return .list(mapped)
            }
            return .list(try elements(value, line).map { $0.member(attribute) ?? .undefined })
        case "selectattr", "rejectattr": return try select(value, arguments, wanted: name == "selectattr", line)
        case "select", "reject":
            var kept: [TemplateValue] = []
            for element in try elements(value, line) {
                let test = arguments.first?.text
                let passes =
                    try test.map { test throws(TemplateError) in
                        try TemplateTests.apply(test, element, Array(arguments.dropFirst()), line)
                    } ?? element.isTrue
                if passes == (name == "select") { kept.append(element) }
            }
            return .list(kept)
        case "indent":
            let width = if case .integer(let count)? = arguments.first { min(max(count, 0), 1000) } else { 4 }
            let lines = value.text.split(separator: "\n", omittingEmptySubsequences: false)
            let padding = String(repeating: " ", count: width)
            return .string(
                lines.enumerated().map { $0.offset == 0 || $0.element.isEmpty ? String($0.element) : padding + $0.element }.joined(
                    separator: "\n"
                )
            )
        default: throw TemplateError("the filter '\(name)' is not supported", line: line)
        }
    }

    private static func length(_ value: TemplateValue, _ line: Int) throws(TemplateError) -> TemplateValue {
        switch value {
        case .string(let text): return .integer(text.unicodeScalars.count)
        case .list(let values): return .integer(values.count)
        case .mapping(let members): return .integer(members.count)
        case .undefined: return .integer(0)
        default: throw TemplateError("\(value.typeName) has no length", line: line)
        }
    }

    private static func elements(_ value: TemplateValue, _ line: Int) throws(TemplateError) -> [TemplateValue] {
        switch value {
        case .list(let values): return values
        case .mapping(let members): return members.map { .string($0.key) }
        case .string(let text): return text.unicodeScalars.map { .string(String(Character($0))) }
        case .undefined: return []
        default: throw TemplateError("\(value.typeName) has no elements", line: line)
        }
    }

    private static func integer(_ value: TemplateValue) -> Int? {
        switch value {
        case .integer(let number): number
        case .bool(let isTrue): isTrue ? 1 : 0
        case .float(let number): Int(exactly: number.rounded(.towardZero))
        default: Int(value.text.filter { !$0.isWhitespace })
        }
    }

    private static func select(_ value: TemplateValue, _ arguments: [TemplateValue], wanted: Bool, _ line: Int) throws(TemplateError)
        -> TemplateValue
    {
        guard let attribute = arguments.first?.text else { throw TemplateError("this filter wants an attribute", line: line) }
        var kept: [TemplateValue] = []
        for element in try elements(value, line) {
            let member = element.member(attribute) ?? .undefined
            var passes = member.isTrue
            if arguments.count > 1 { passes = try TemplateTests.apply(arguments[1].text, member, Array(arguments.dropFirst(2)), line) }
            if passes == wanted { kept.append(element) }
        }
        return .list(kept)
    }
}
