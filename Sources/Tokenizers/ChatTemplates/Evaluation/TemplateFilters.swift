/// The filters of chat templates, `value | name(arguments)`: those of single values here, those of sequences in ``TemplateSequenceFilters``.
enum TemplateFilters {
    static func apply(
        _ name: String,
        _ value: TemplateValue,
        _ call: TemplateCall,
        _ budget: inout TemplateBudget
    ) throws(TemplateError) -> TemplateValue {
        switch name {
        case "trim", "upper", "lower", "capitalize", "replace", "center":
            let text = try TemplateText.string(value, &budget, line: call.line)
            return try TemplateStringMethods.call(name == "trim" ? "strip" : name, text, widened(call, name), &budget)
        case "title":
            let text = try TemplateText.string(value, &budget, line: call.line)
            try budget.spend(bytes: text.utf8.count, line: call.line)
            return .string(PythonText.title(text) { PythonText.isSpace($0) || "-({[<".unicodeScalars.contains($0) })
        case "string", "safe": return .string(try TemplateText.string(value, &budget, line: call.line))
        case "escape", "e", "forceescape": return .string(try escaped(value, call, &budget))
        case "length", "count": return .integer(try TemplateSequences.count(value, &budget, call.line))
        case "default", "d":
            let isAbsent = value == .undefined || (call.isTrue(1, "boolean") && !value.isTrue)
            return isAbsent ? call.argument(0, "default_value") ?? .string("") : value
        case "int": return try integer(value, call, &budget)
        case "float":
            if let number = value.number { return .float(number) }
            if case .string(let text) = value, let number = Double(PythonText.strip(text, nil, atStart: true, atEnd: true)) {
                return .float(number)
            }
            return call.argument(0, "default") ?? .float(0)
        case "abs":
            if let integer = value.integer, integer != .min { return .integer(abs(integer)) }
            guard let number = value.number else { throw TemplateError("\(value.typeName) has no magnitude", line: call.line) }
            return .float(abs(number))
        case "round": return try round(value, call, &budget)
        case "tojson": return .string(try json(value, call, &budget))
        case "indent": return try indent(value, call, &budget)
        case "format":
            let format = try TemplateText.string(value, &budget, line: call.line)
            return .string(try TemplateFormat.text(format, call.positional, &budget, line: call.line))
        case "attr":
            let member = try call.text(0, "name", &budget) ?? ""
            if case .mapping = value { return .undefined }
            throw TemplateError("'attr' finds no '\(member)' in \(value.typeName)", line: call.line)
        default: return try TemplateSequenceFilters.apply(name, value, call, &budget)
        }
    }

    /// Jinja's `center` fills 80 columns where nothing is said.
    private static func widened(_ call: TemplateCall, _ name: String) -> TemplateCall {
        var call = call
        if name == "center", call.argument(0, "width") == nil { call.named.append(("width", .integer(80))) }
        return call
    }

    private static func escaped(_ value: TemplateValue, _ call: TemplateCall, _ budget: inout TemplateBudget) throws(TemplateError)
        -> String
    {
        let text = try TemplateText.string(value, &budget, line: call.line)
        try budget.spend(bytes: text.utf8.count, times: 5, line: call.line)
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "'": result += "&#39;"
            case "\"": result += "&#34;"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private static func integer(_ value: TemplateValue, _ call: TemplateCall, _ budget: inout TemplateBudget) throws(TemplateError)
        -> TemplateValue
    {
        let fallback = call.argument(0, "default") ?? .integer(0)
        switch value {
        case .integer, .bool: return .integer(value.integer ?? 0)
        case .float(let number): return Int(exactly: number.rounded(.towardZero)).map { .integer($0) } ?? fallback
        case .string(let text):
            let digits = PythonText.strip(text, nil, atStart: true, atEnd: true)
            let base = try call.integer(1, "base") ?? 10
            if (2...36).contains(base), let number = Int(digits, radix: base) { return .integer(number) }
            return Double(digits).flatMap { Int(exactly: $0.rounded(.towardZero)) }.map { .integer($0) } ?? fallback
        case .undefined: throw TemplateError("an undefined value is no number", line: call.line)
        default: return fallback
        }
    }

    private static func round(_ value: TemplateValue, _ call: TemplateCall, _ budget: inout TemplateBudget) throws(TemplateError)
        -> TemplateValue
    {
        guard let number = value.number else { throw TemplateError("\(value.typeName) cannot be rounded", line: call.line) }
        let digits = min(max(try call.integer(0, "precision") ?? 0, -300), 300)
        var scale = 1.0
        for _ in 0..<abs(digits) { scale *= 10 }
        if digits < 0 { scale = 1 / scale }
        let rule: FloatingPointRoundingRule =
            switch try call.text(1, "method", &budget) {
            case "ceil": .up
            case "floor": .down
            default: .toNearestOrEven
            }
        if value.integer != nil, rule == .toNearestOrEven, digits >= 0 { return value }
        let rounded = (number * scale).rounded(rule) / scale
        return .float(rounded.isFinite ? rounded : number)
    }

    private static func json(_ value: TemplateValue, _ call: TemplateCall, _ budget: inout TemplateBudget) throws(TemplateError) -> String {
        var layout = TemplateJSON.Layout()
        layout.escapesBeyondASCII = call.isTrue(0, "ensure_ascii")
        switch call.argument(1, "indent") ?? TemplateValue.none {
        case .none: break
        case .string(let text): layout.indent = text
        case let value:
            guard let width = value.integer, width <= 1000 else { throw TemplateError("'indent' is no width", line: call.line) }
            layout.indent = String(repeating: " ", count: max(0, width))
        }
        if layout.indent != nil { layout.itemSeparator = "," }
        if case .list(let separators)? = call.argument(2, "separators"), separators.count == 2 {
            layout.itemSeparator = try TemplateText.string(separators[0], &budget, line: call.line)
            layout.keySeparator = try TemplateText.string(separators[1], &budget, line: call.line)
        }
        layout.sortsKeys = call.isTrue(3, "sort_keys")
        return try TemplateJSON.text(value, layout, &budget, line: call.line)
    }

    private static func indent(_ value: TemplateValue, _ call: TemplateCall, _ budget: inout TemplateBudget) throws(TemplateError)
        -> TemplateValue
    {
        let text = try TemplateText.string(value, &budget, line: call.line)
        var padding = "    "
        if case .string(let given)? = call.argument(0, "width") {
            padding = given
        } else if let width = try call.integer(0, "width") {
            guard width <= 10_000 else { throw TemplateError("'width' is too large", line: call.line) }
            padding = String(repeating: " ", count: max(0, width))
        }
        let lines = PythonText.lines(text + "\n", keepsEnds: false)
        try budget.spend(bytes: padding.utf8.count + 1, times: lines.count, line: call.line)
        try budget.spend(bytes: text.utf8.count, line: call.line)
        let (indentsFirst, indentsBlank) = (call.isTrue(1, "first"), call.isTrue(2, "blank"))
        let padded = lines.enumerated().map { index, line in
            index == 0 ? (indentsFirst ? padding + line : line) : line.isEmpty && !indentsBlank ? line : padding + line
        }
        return .string(padded.joined(separator: "\n"))
    }
}
