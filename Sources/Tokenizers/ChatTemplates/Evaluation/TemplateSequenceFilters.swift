import ModelFiles

/// Filters of lists, mappings and other sequences.
enum TemplateSequenceFilters {
    static let names: Set<String> = [
        "batch", "dictsort", "first", "items", "join", "last", "list", "map", "max", "min", "reject", "rejectattr", "reverse",
        "select", "selectattr", "sort", "sum", "unique",
    ]

    static func apply(
        _ name: String,
        _ value: TemplateValue,
        _ call: TemplateCall,
        _ budget: inout TemplateBudget
    ) throws(TemplateError) -> TemplateValue {
        let line = call.line
        guard names.contains(name) else { throw TemplateError("the filter '\(name)' is not supported", line: line) }
        switch name {
        case "items":
            guard value != .undefined else { return .list([]) }
            return TemplateSequences.generator(try members(of: value, line).map { .tuple([$0.key, $0.value]) })
        case "dictsort": return try dictsort(value, call, &budget)
        case "map", "select", "reject", "selectattr", "rejectattr":
            // As in Jinja, what is false, such as none, has no elements here.
            if !value.isTrue { return TemplateSequences.generator([]) }
        default: break
        }
        if name == "first", case .object(let object) = value, case .generator(let generator) = object.kind {
            return generator.take { _ in true }.first ?? .undefined
        }
        var values = try TemplateSequences.elements(value, &budget, line)
        try budget.spend(values.count, line: line)
        switch name {
        case "first": return values.first ?? .undefined
        case "last": return values.last ?? .undefined
        case "list": return .list(values)
        case "join":
            if let attribute = call.argument(1, "attribute") { values = try attributes(attribute, of: values, &budget, line) }
            return .string(try TemplateStringMethods.joined(values, try call.text(0, "d", &budget) ?? "", &budget, line))
        case "reverse":
            if case .string = value { return .string(try TemplateStringMethods.joined(values.reversed(), "", &budget, line)) }
            return TemplateSequences.generator(values.reversed())
        case "unique": return TemplateSequences.generator(try unique(values, call, &budget))
        case "sort": return .list(try sorted(values, call, &budget))
        case "min", "max":
            let sorted = try sorted(values, TemplateCall(named: call.named.filter { $0.name.word == "attribute" }, line: line), &budget)
            return (name == "min" ? sorted.first : sorted.last) ?? .undefined
        case "sum":
            if let attribute = call.argument(0, "attribute") { values = try attributes(attribute, of: values, &budget, line) }
            var total = call.argument(1, "start") ?? .integer(0)
            for value in values { total = try TemplateOperators.combine(total, "+", value, &budget, line) }
            return total
        case "map": return TemplateSequences.generator(try map(values, call, &budget))
        case "select", "reject": return TemplateSequences.generator(try select(values, wanted: name == "select", call, &budget))
        case "selectattr", "rejectattr":
            guard let attribute = call.argument(0, "attribute") else { throw TemplateError("'\(name)' wants an attribute", line: line) }
            let tested = try attributes(attribute, of: values, &budget, line)
            return TemplateSequences.generator(try select(values, by: tested, wanted: name == "selectattr", call.dropping(1), &budget))
        default:
            guard let size = try call.integer(0, "linecount"), size > 0 else { throw TemplateError("'batch' wants a size", line: line) }
            return TemplateSequences.generator(
                stride(from: 0, to: values.count, by: size).map {
                    .list(Array(values[$0..<min(values.count, $0 + min(size, values.count))]))
                }
            )
        }
    }

    private static func members(of value: TemplateValue, _ line: Int) throws(TemplateError) -> [(key: TemplateValue, value: TemplateValue)]
    {
        guard case .mapping(let members) = value else { throw TemplateError("\(value.typeName) is no mapping", line: line) }
        return members
    }

    /// A member of each of several values, by `a.b.0`; what stands for one that is undefined is looked into further.
    private static func attributes(
        _ attribute: TemplateValue,
        of values: [TemplateValue],
        or fallback: TemplateValue = .undefined,
        _ budget: inout TemplateBudget,
        _ line: Int
    ) throws(TemplateError) -> [TemplateValue] {
        let path = try TemplateText.string(attribute, &budget, line: line).unicodeScalars.split(separator: ".").map { String($0) }
        try budget.spend(values.count * path.count, line: line)
        var found: [TemplateValue] = []
        for var value in values {
            for name in path {
                guard value != .undefined else { throw TemplateError("an undefined value has no member '\(name)'", line: line) }
                value = member(name, of: value)
                if value == .undefined { value = fallback }
            }
            found.append(value)
        }
        return found
    }

    private static func member(_ name: String, of value: TemplateValue) -> TemplateValue {
        if case .list(let elements) = value.plain, let index = Int(name) {
            return elements.indices.contains(index) ? elements[index] : .undefined
        }
        return value.member(name) ?? .undefined
    }

    private static func map(_ values: [TemplateValue], _ call: TemplateCall, _ budget: inout TemplateBudget) throws(TemplateError)
        -> [TemplateValue]
    {
        if call.positional.isEmpty, let attribute = call.argument(0, "attribute") {
            return try attributes(attribute, of: values, or: call.argument(1, "default") ?? .undefined, &budget, call.line)
        }
        guard let filter = try call.text(0, "filter", &budget)?.word else {
            throw TemplateError("'map' wants an attribute or a filter", line: call.line)
        }
        guard filter != "map" else { throw TemplateError("'map' of 'map' is not supported", line: call.line) }
        var mapped: [TemplateValue] = []
        for value in values { mapped.append(try TemplateFilters.apply(filter, value, call.dropping(1), &budget)) }
        return mapped
    }

    /// Those values for which a test of them, or of what stands for them in `tested`, holds.
    private static func select(
        _ values: [TemplateValue],
        by tested: [TemplateValue]? = nil,
        wanted: Bool,
        _ call: TemplateCall,
        _ budget: inout TemplateBudget
    ) throws(TemplateError) -> [TemplateValue] {
        let test = try call.text(0, "test", &budget)
        var kept: [TemplateValue] = []
        for (value, subject) in zip(values, tested ?? values) {
            var passes = subject.isTrue
            if let test { passes = try TemplateTests.apply(test, subject, Array(call.positional.dropFirst()), &budget, call.line) }
            if passes == wanted { kept.append(value) }
        }
        return kept
    }

    private static func unique(_ values: [TemplateValue], _ call: TemplateCall, _ budget: inout TemplateBudget) throws(TemplateError)
        -> [TemplateValue]
    {
        let keys = try sortKeys(values, call, caseArgument: 0, attributeArgument: 1, &budget)
        var (kept, seen): ([TemplateValue], [TemplateValue]) = ([], [])
        for (value, key) in zip(values, keys) {
            try budget.spend(comparing: key, times: seen.count, line: call.line)
            guard !seen.contains(key) else { continue }
            seen.append(key)
            kept.append(value)
        }
        return kept
    }

    /// What values are sorted and told apart by: an attribute, and no case unless that is asked for.
    private static func sortKeys(
        _ values: [TemplateValue],
        _ call: TemplateCall,
        caseArgument: Int,
        attributeArgument: Int,
        _ budget: inout TemplateBudget
    ) throws(TemplateError) -> [TemplateValue] {
        var keys = values
        if let attribute = call.argument(attributeArgument, "attribute"), attribute != .none {
            keys = try attributes(attribute, of: values, &budget, call.line)
        }
        guard !call.isTrue(caseArgument, "case_sensitive") else { return keys }
        return keys.map { if case .string(let text) = $0.plain { .string(text.lowercased()) } else { $0 } }
    }

    private static func sorted(_ values: [TemplateValue], _ call: TemplateCall, _ budget: inout TemplateBudget) throws(TemplateError)
        -> [TemplateValue]
    {
        var keys = values.map { _ in TemplateValue.list([]) }
        // `attribute='a,b'` sorts those that are alike by `a` by `b`.
        let attributes = try call.text(2, "attribute", &budget).map { PythonText.split($0, ",") } ?? []
        guard attributes.count <= 8 else { throw TemplateError("too many attributes to sort by", line: call.line) }
        for attribute in attributes.isEmpty ? [nil] : attributes.map({ TemplateValue.string($0) }) {
            var part = TemplateCall(positional: Array(call.positional.prefix(2)), named: call.named, line: call.line)
            part.named.removeAll { $0.name.word == "attribute" }
            if let attribute { part.named.append(("attribute", attribute)) }
            let more = try sortKeys(values, part, caseArgument: 1, attributeArgument: 2, &budget)
            keys = zip(keys, more).map { if case .list(let parts) = $0 { .list(parts + [$1]) } else { $1 } }
        }
        return try order(keys, reverse: call.isTrue(0, "reverse"), &budget, call.line).map { values[$0] }
    }

    /// Places in the order of their keys; equal keys keep theirs.
    private static func order(
        _ keys: [TemplateValue],
        reverse: Bool,
        _ budget: inout TemplateBudget,
        _ line: Int
    ) throws(TemplateError) -> [Int] {
        let rounds = Int.bitWidth - keys.count.leadingZeroBitCount
        for key in keys { try budget.spend(comparing: key, times: rounds, line: line) }
        // Keys are of one kind if each can be compared with the first.
        if keys.count > 1, let first = keys.first { for key in keys { _ = try TemplateOperators.order(key, first, line) } }
        return keys.indices.sorted { a, b in
            let order = (try? TemplateOperators.order(keys[a], keys[b], line)) ?? 0
            return order == 0 ? a < b : (order < 0) != reverse
        }
    }

    private static func dictsort(_ value: TemplateValue, _ call: TemplateCall, _ budget: inout TemplateBudget) throws(TemplateError)
        -> TemplateValue
    {
        let members = try members(of: value, call.line)
        let byValue = try call.text(1, "by", &budget)?.word == "value"
        let isCased = call.isTrue(0, "case_sensitive")
        let keys = members.map { member -> TemplateValue in
            let key = byValue ? member.value : member.key
            if !isCased, case .string(let text) = key.plain { return .string(text.lowercased()) }
            return key
        }
        let places = try order(keys, reverse: call.isTrue(2, "reverse"), &budget, call.line)
        return .list(places.map { .tuple([members[$0].key, members[$0].value]) })
    }
}
