/// The functions that templates find set: Jinja's, and those of `apply_chat_template`.
enum TemplateFunctions {
    static let names = ["raise_exception", "namespace", "dict", "range", "strftime_now"]
    private static let longestRange = 1_000_000

    /// Calls one that needs nothing of the rendering.
    static func call(_ name: String, _ call: TemplateCall, _ budget: inout TemplateBudget) throws(TemplateError) -> TemplateValue {
        switch name {
        case "raise_exception":
            let reason = try call.text(0, "message", &budget) ?? "the template refuses these messages"
            throw TemplateError(reason, line: call.line, isRefusal: true)
        case "dict": return .mapping(try members(call, &budget))
        case "dict.fromkeys":
            let keys = try TemplateSequences.elements(call.argument(0, "iterable") ?? .undefined, &budget, call.line)
            let value = call.argument(1, "value") ?? .none
            return .mapping(try members(keys.map { ($0, value) }, &budget, call.line))
        case "range": return try range(call)
        default: throw TemplateError("there is no function '\(name)'", line: call.line)
        }
    }

    /// The members that a call of `dict` or `namespace` gives.
    static func members(
        _ call: TemplateCall,
        _ budget: inout TemplateBudget
    ) throws(TemplateError) -> [(key: TemplateValue, value: TemplateValue)] {
        guard call.positional.count <= 1 else { throw TemplateError("expected at most one mapping", line: call.line) }
        var given: [(key: TemplateValue, value: TemplateValue)] = []
        if case .mapping(let members)? = call.positional.first {
            given = members
        } else if let pairs = call.positional.first {
            for pair in try TemplateSequences.elements(pairs, &budget, call.line) {
                let parts = try TemplateSequences.elements(pair, &budget, call.line)
                guard parts.count == 2 else { throw TemplateError("expected a mapping, or pairs", line: call.line) }
                given.append((parts[0], parts[1]))
            }
        }
        return try members(given + call.named.map { (.string($0.name), $0.value) }, &budget, call.line)
    }

    /// Members of which equal keys are one, at the first one's place with the last one's value.
    private static func members(
        _ given: [(key: TemplateValue, value: TemplateValue)],
        _ budget: inout TemplateBudget,
        _ line: Int
    ) throws(TemplateError) -> [(key: TemplateValue, value: TemplateValue)] {
        var members: [(key: TemplateValue, value: TemplateValue)] = []
        for (key, value) in given {
            guard key.isKey else { throw TemplateError("\(key.typeName) cannot be a key", line: line) }
            try budget.spend(members.count, line: line)
            if let place = members.firstIndex(where: { $0.key == key }) {
                members[place].value = value
            } else {
                members.append((key, value))
            }
        }
        return members
    }

    private static func range(_ call: TemplateCall) throws(TemplateError) -> TemplateValue {
        var numbers: [Int] = []
        for (index, _) in call.positional.enumerated() { numbers.append(try call.integer(index, "range") ?? 0) }
        guard (1...3).contains(numbers.count), numbers.count < 3 || numbers[2] != 0 else {
            throw TemplateError("range wants one to three numbers, the third not 0", line: call.line)
        }
        let (start, end) = numbers.count == 1 ? (0, numbers[0]) : (numbers[0], numbers[1])
        var values: [TemplateValue] = []
        for number in stride(from: start, to: end, by: numbers.count == 3 ? numbers[2] : 1) {
            guard values.count < longestRange else { throw TemplateError("a range of more than \(longestRange) numbers", line: call.line) }
            values.append(.integer(number))
        }
        return .list(values)
    }
}
