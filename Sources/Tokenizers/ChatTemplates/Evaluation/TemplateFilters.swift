import ModelFiles

/// The filters of chat templates, `value | name(arguments)`: those of single values here, those of sequences in ``TemplateSequenceFilters``.
enum TemplateFilters {
    /// What all filters are called.
    static let names = TemplateSequenceFilters.names.union([
        "abs", "attr", "capitalize", "center", "count", "d", "default", "e", "escape", "float", "forceescape", "format", "indent", "int",
        "length", "lower", "replace", "round", "safe", "string", "title", "tojson", "trim", "upper",
    ])
    private static let longestNumber = 1000
    /// Filters that leave marked text marked.
    private static let keepingMarks: Set<String> = ["trim", "upper", "lower", "capitalize", "center", "string", "indent", "reverse"]

    static func apply(
        _ name: String,
        _ value: TemplateValue,
        _ call: TemplateCall,
        _ budget: inout TemplateBudget
    ) throws(TemplateError) -> TemplateValue {
        let name = name.word
        if case .markup(let text) = value, keepingMarks.contains(name) {
            return TemplateMarkup.marked(try apply(name, .string(text), call, &budget))
        }
        switch name {
        case "trim", "upper", "lower", "capitalize", "replace", "center":
            let text = try TemplateText.string(value, &budget, line: call.line)
            return try TemplateStringMethods.call(name == "trim" ? "strip" : name, text, prepared(call, name, &budget), &budget)
        case "title":
            let text = try TemplateText.string(value, &budget, line: call.line)
            try budget.spend(characters: text.utf8.count, line: call.line)
            return .string(PythonText.title(text, upper: true) { PythonText.isSpace($0) || "-({[<".unicodeScalars.contains($0) })
        case "string": return .string(try TemplateText.string(value, &budget, line: call.line))
        case "safe": return .markup(try TemplateText.string(value, &budget, line: call.line))
        case "escape", "e": return .markup(try TemplateMarkup.escape(value, &budget, line: call.line))
        case "forceescape": return .markup(try TemplateMarkup.escape(value.plain, &budget, line: call.line))
        case "length", "count": return .integer(try TemplateSequences.count(value, &budget, call.line))
        case "default", "d":
            let isAbsent = value == .undefined || (call.isTrue(1, "boolean") && !value.isTrue)
            return isAbsent ? call.argument(0, "default_value") ?? .string("") : value
        case "int": return try integer(value, call, &budget)
        case "float":
            if let number = value.number { return .float(number) }
            if value == .undefined { throw TemplateError("an undefined value is no number", line: call.line) }
            if case .string(let text) = value.plain, text.utf8.count <= longestNumber,
                let number = Double(PythonText.strip(text, nil, atStart: true, atEnd: true))
            {
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
            let values: TemplateValue =
                call.named.isEmpty ? .tuple(call.positional) : .mapping(texts: call.named.map { ($0.name, $0.value) })
            let format: TemplateValue =
                if case .markup = value { value } else { .string(try TemplateText.string(value, &budget, line: call.line)) }
            return try TemplateOperators.combine(format, "%", values, &budget, call.line)
        case "attr":
            let member = try call.text(0, "name", &budget) ?? ""
            return TemplateMethods.has(member, value) ? .object(TemplateObject(kind: .method(value, member))) : .undefined
        default: return try TemplateSequenceFilters.apply(name, value, call, &budget)
        }
    }

    /// Where they differ from the methods: Jinja's `center` fills 80 columns where nothing is said, its `replace` takes more than text.
    private static func prepared(
        _ call: TemplateCall,
        _ name: String,
        _ budget: inout TemplateBudget
    ) throws(TemplateError) -> TemplateCall {
        var call = call
        if name == "center", call.argument(0, "width") == nil { call.named.append(("width", .integer(80))) }
        if name == "replace" {
            for index in call.positional.indices.prefix(2) {
                call.positional[index] = .string(try TemplateText.string(call.positional[index], &budget, line: call.line))
            }
        }
        return call
    }

    private static func integer(_ value: TemplateValue, _ call: TemplateCall, _ budget: inout TemplateBudget) throws(TemplateError)
        -> TemplateValue
    {
        let fallback = call.argument(0, "default") ?? .integer(0)
        switch value.plain {
        case .integer, .bool: return .integer(value.integer ?? 0)
        case .float(let number): return number.isNaN ? fallback : try integer(number, call.line)
        case .string(let text):
            guard text.utf8.count <= longestNumber else { throw TemplateError("a number is too large", line: call.line) }
            let digits = PythonText.strip(text, nil, atStart: true, atEnd: true)
            let base = try call.integer(1, "base") ?? 10
            if (2...36).contains(base), let number = Int(digits, radix: base) { return .integer(number) }
            guard let number = Double(digits), number.isFinite else { return fallback }
            return try integer(number, call.line)
        case .undefined: throw TemplateError("an undefined value is no number", line: call.line)
        default: return fallback
        }
    }

    /// The whole number towards zero; Python's have no bounds, so that one beyond ours is refused rather than changed.
    private static func integer(_ number: Double, _ line: Int) throws(TemplateError) -> TemplateValue {
        guard let integer = Int(exactly: number.rounded(.towardZero)) else { throw TemplateError("a number is too large", line: line) }
        return .integer(integer)
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
            switch try call.text(1, "method", &budget)?.word {
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
        switch (call.argument(1, "indent") ?? TemplateValue.none).plain {
        case .none: break
        case .string(let text): layout.indent = text
        case let value:
            guard let width = value.integer, width <= 1000 else { throw TemplateError("'indent' is no width", line: call.line) }
            layout.indent = String(repeating: " ", count: max(0, width))
        }
        if layout.indent != nil { layout.itemSeparator = "," }
        if case .list(let separators)? = call.argument(2, "separators")?.plain, separators.count == 2 {
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
        if case .string(let given)? = call.argument(0, "width")?.plain {
            padding = given
        } else if let width = try call.integer(0, "width") {
            guard width <= 10_000 else { throw TemplateError("'width' is too large", line: call.line) }
            padding = String(repeating: " ", count: max(0, width))
        }
        try budget.spend(characters: text.utf8.count, line: call.line)
        let most = TemplateStringMethods.mostPieces
        let lines = PythonText.lines(text + "\n", keepsEnds: false, limit: most)
        guard lines.count <= most else { throw TemplateError("more than \(most) lines of a text", line: call.line) }
        try budget.spend(bytes: padding.utf8.count + 1, times: lines.count, line: call.line)
        try budget.spend(bytes: text.utf8.count, line: call.line)
        let (indentsFirst, indentsBlank) = (call.isTrue(1, "first"), call.isTrue(2, "blank"))
        let padded = lines.enumerated().map { index, line in
            index == 0 ? (indentsFirst ? padding + line : line) : line.isEmpty && !indentsBlank ? line : padding + line
        }
        return .string(padded.joined(separator: "\n"))
    }
}
