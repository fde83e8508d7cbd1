/// Text that is marked as HTML, as the package markupsafe has it: what is added to it is escaped.
enum TemplateMarkup {
    /// A text with HTML's characters escaped.
    static func escape(_ text: String, _ budget: inout TemplateBudget, line: Int) throws(TemplateError) -> String {
        try budget.spend(bytes: text.utf8.count, times: 5, line: line)
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

    /// How a value is written inside marked text: escaped, unless it is marked itself.
    static func escape(_ value: TemplateValue, _ budget: inout TemplateBudget, line: Int) throws(TemplateError) -> String {
        let text = try TemplateText.string(value, &budget, line: line)
        return if case .markup = value { text } else { try escape(text, &budget, line: line) }
    }

    /// Values to put into marked text, numbers as they are.
    static func escape(_ values: [TemplateValue], _ budget: inout TemplateBudget, line: Int) throws(TemplateError) -> [TemplateValue] {
        var escaped: [TemplateValue] = []
        for value in values {
            escaped.append(value.number == nil ? .string(try escape(value, &budget, line: line)) : value)
        }
        return escaped
    }

    /// A value with its text, or the texts that it holds, marked.
    static func marked(_ value: TemplateValue) -> TemplateValue {
        switch value {
        case .string(let text): .markup(text)
        case .list(let values): .list(values.map(marked))
        case .tuple(let values): .tuple(values.map(marked))
        default: value
        }
    }

    /// `left symbol right` if one of both is marked text; nil where that makes no difference.
    static func combine(
        _ left: TemplateValue,
        _ symbol: String,
        _ right: TemplateValue,
        _ budget: inout TemplateBudget,
        _ line: Int
    ) throws(TemplateError) -> TemplateValue? {
        switch (left, symbol, right) {
        case (.markup, "+", .string), (.markup, "+", .markup), (.string, "+", .markup):
            let (a, b) = (try escape(left, &budget, line: line), try escape(right, &budget, line: line))
            try budget.spend(bytes: a.utf8.count + b.utf8.count, line: line)
            return .markup(a + b)
        case (.markup(let text), "*", .integer), (.integer, "*", .markup(let text)):
            let count: TemplateValue = if case .markup = left { right } else { left }
            return marked(try TemplateOperators.combine(.string(text), "*", count, &budget, line))
        case (.markup(let format), "%", _):
            let values = if case .tuple(let values) = right { values } else { [right] }
            return .markup(try TemplateFormat.text(format, try escape(values, &budget, line: line), &budget, line: line))
        default: return nil
        }
    }
}
