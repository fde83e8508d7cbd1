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
        case "dict": return .mapping(try members(call))
        case "range": return try range(call)
        default: throw TemplateError("there is no function '\(name)'", line: call.line)
        }
    }

    /// The members that a call of `dict` or `namespace` gives.
    static func members(_ call: TemplateCall) throws(TemplateError) -> [(key: TemplateValue, value: TemplateValue)] {
        var members: [(key: TemplateValue, value: TemplateValue)] = []
        for value in call.positional {
            guard case .mapping(let given) = value else {
                throw TemplateError("expected a mapping, not \(value.typeName)", line: call.line)
            }
            members = given
        }
        for (name, value) in call.named {
            members.removeAll { $0.key == .string(name) }
            members.append((.string(name), value))
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
