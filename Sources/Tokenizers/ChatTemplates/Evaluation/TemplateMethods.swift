import ModelFiles

/// Python's methods of mappings and lists; ``TemplateStringMethods`` has those of texts. None changes a value: the sandbox is immutable.
enum TemplateMethods {
    private static let ofMappings = ["get", "items", "keys", "values", "copy"]
    private static let ofLists = ["index", "count", "copy"]
    /// Methods that would change a value: found, as in Python, and refused when they are called.
    private static let changing = [
        "append", "clear", "extend", "insert", "pop", "popitem", "remove", "reverse", "setdefault", "sort", "update",
    ]

    /// Whether values of this kind have a method of that name.
    static func has(_ name: String, _ value: TemplateValue) -> Bool {
        let name = name.word
        return switch value {
        case .string, .markup: TemplateStringMethods.names.contains(name)
        case .mapping: ofMappings.contains(name) || ["clear", "pop", "popitem", "setdefault", "update"].contains(name)
        case .list: ofLists.contains(name) || changing.contains(name) && !["popitem", "setdefault", "update"].contains(name)
        case .tuple: ["index", "count"].contains(name)
        default: false
        }
    }

    static func call(
        _ name: String,
        _ value: TemplateValue,
        _ call: TemplateCall,
        _ budget: inout TemplateBudget
    ) throws(TemplateError) -> TemplateValue {
        if case .markup(let text) = value { return try callOfMarkup(name, text, call, &budget) }
        switch (value.plain, name) {
        case (.string(let text), _): return try TemplateStringMethods.call(name, text, call, &budget)
        case (.mapping(let members), "get"):
            try budget.spend(members.count, line: call.line)
            return value.member(key: call.argument(0, "key") ?? .undefined) ?? call.argument(1, "default") ?? .none
        case (.mapping(let members), "items"): return view("dict_items", members.map { .tuple([$0.key, $0.value]) })
        case (.mapping(let members), "keys"): return view("dict_keys", members.map(\.key))
        case (.mapping(let members), "values"): return view("dict_values", members.map(\.value))
        case (.mapping, "copy"), (.list, "copy"): return value
        case (.list(let values), "count"):
            let wanted = call.argument(0, "value") ?? .undefined
            try budget.spend(comparing: wanted, times: values.count, line: call.line)
            return .integer(values.count { $0 == wanted })
        case (.list(let values), "index"):
            let wanted = call.argument(0, "value") ?? .undefined
            try budget.spend(comparing: wanted, times: values.count, line: call.line)
            guard let place = values.firstIndex(of: wanted) else {
                throw TemplateError("the list does not hold that value", line: call.line)
            }
            return .integer(place)
        default: throw TemplateError("'\(name)' would change \(value.typeName), which templates may not", line: call.line)
        }
    }

    private static func view(_ name: String, _ values: [TemplateValue]) -> TemplateValue {
        .object(TemplateObject(kind: .view(name, values)))
    }

    /// A method of marked text: what it puts in is escaped, and what it gives is marked.
    private static func callOfMarkup(
        _ name: String,
        _ text: String,
        _ call: TemplateCall,
        _ budget: inout TemplateBudget
    ) throws(TemplateError) -> TemplateValue {
        var call = call
        switch name {
        case "replace" where call.positional.count > 1:
            call.positional[1] = .string(try TemplateMarkup.escape(call.positional[1], &budget, line: call.line))
        case "format":
            call.positional = try TemplateMarkup.escape(call.positional, &budget, line: call.line)
            for (index, value) in zip(call.named.indices, try TemplateMarkup.escape(call.named.map(\.value), &budget, line: call.line)) {
                call.named[index].value = value
            }
        case "join":
            let values = try TemplateSequences.elements(call.argument(0, "iterable") ?? .undefined, &budget, call.line)
            call.positional = [.list(try TemplateMarkup.escape(values, &budget, line: call.line))]
        default: break
        }
        return TemplateMarkup.marked(try TemplateStringMethods.call(name, text, call, &budget))
    }
}
