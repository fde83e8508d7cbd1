/// Values as sequences.
enum TemplateSequences {
    /// The elements: of a list, a mapping's keys, a text's characters.
    static func elements(_ value: TemplateValue, _ budget: inout TemplateBudget, _ line: Int) throws(TemplateError) -> [TemplateValue] {
        switch value.plain {
        case .list(let values): return values
        case .mapping(let members): return members.map(\.key)
        case .string(let text):
            try budget.spend(text.utf8.count, line: line)
            return text.unicodeScalars.map { .string(String(Character($0))) }
        case .undefined: return []
        case .object(let object):
            switch object.kind {
            case .generator(let generator): return generator.take()
            case .view(_, let values): return values
            default: break
            }
        default: break
        }
        throw TemplateError("\(value.typeName) has no elements", line: line)
    }

    /// What a filter gives that Python computes lazily.
    static func generator(_ values: [TemplateValue]) -> TemplateValue {
        .object(TemplateObject(kind: .generator(TemplateGenerator(values))))
    }

    /// The number of elements.
    static func count(_ value: TemplateValue, _ budget: inout TemplateBudget, _ line: Int) throws(TemplateError) -> Int {
        switch value.plain {
        case .string(let text):
            try budget.spend(bytes: text.utf8.count, line: line)
            return text.unicodeScalars.count
        case .list(let values): return values.count
        case .mapping(let members): return members.count
        case .undefined: return 0
        case .object(let object):
            if case .view(_, let values) = object.kind { return values.count }
        default: break
        }
        throw TemplateError("\(value.typeName) has no length", line: line)
    }

    /// `value[start:end:step]` with Python's rules.
    static func slice(
        _ value: TemplateValue,
        start: Int?,
        end: Int?,
        step: Int?,
        _ budget: inout TemplateBudget,
        _ line: Int
    ) throws(TemplateError) -> TemplateValue {
        let step = step ?? 1
        guard step != 0 else { throw TemplateError("a slice's step is 0", line: line) }
        switch value {
        case .list(let values), .tuple(let values):
            try budget.spend(values.count, line: line)
            let part = places(values.count, start, end, step).map { values[$0] }
            return if case .tuple = value { .tuple(part) } else { .list(part) }
        case .markup(let text):
            let part = try slice(.string(text), start: start, end: end, step: step, &budget, line)
            return TemplateMarkup.marked(part)
        case .string(let text):
            try budget.spend(bytes: text.utf8.count * 4, line: line)
            let scalars = Array(text.unicodeScalars)
            var result = String.UnicodeScalarView()
            for place in places(scalars.count, start, end, step) { result.append(scalars[place]) }
            return .string(String(result))
        case .undefined: throw TemplateError("an undefined value cannot be sliced", line: line)
        default: throw TemplateError("\(value.typeName) cannot be sliced", line: line)
        }
    }

    private static func places(_ count: Int, _ start: Int?, _ end: Int?, _ step: Int) -> StrideTo<Int> {
        // Python's slice.indices: bounds beyond the ends are moved to them.
        let (low, high) = step < 0 ? (-1, count - 1) : (0, count)
        func clamp(_ index: Int?, _ fallback: Int) -> Int {
            guard let index else { return fallback }
            return min(max(index < 0 ? index + count : index, low), high)
        }
        let from = clamp(start, step < 0 ? high : low)
        let to = clamp(end, step < 0 ? low : high)
        return stride(from: from, to: to, by: min(max(step, -count - 1), count + 1))
    }
}
