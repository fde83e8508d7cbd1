import ModelFiles

/// Python's `str.format`: `{}`, `{0}`, `{name.member[key]}`, with `!s` or `!r`, and a specification behind `:` that ``TemplateFormatSpecification``
/// knows.
enum TemplateBraceFormat {
    static func text(_ format: String, _ call: TemplateCall, _ budget: inout TemplateBudget) throws(TemplateError) -> String {
        var result = ""
        var next = 0
        var rest = Substring(format).unicodeScalars
        while let scalar = rest.popFirst() {
            guard scalar == "{" || scalar == "}" else {
                result.unicodeScalars.append(scalar)
                continue
            }
            if rest.first == scalar {
                rest.removeFirst()
                result.unicodeScalars.append(scalar)
                continue
            }
            guard scalar == "{", let close = rest.firstIndex(of: "}") else {
                throw TemplateError("a format has a single brace", line: call.line)
            }
            let place = String(rest[..<close])
            rest = rest[rest.index(after: close)...]
            let piece = try piece(place, &next, call, &budget)
            try budget.spend(bytes: result.utf8.count / 16 + piece.utf8.count, line: call.line)
            result += piece
        }
        return result
    }

    private static func piece(
        _ place: String,
        _ next: inout Int,
        _ call: TemplateCall,
        _ budget: inout TemplateBudget
    ) throws(TemplateError) -> String {
        let parts = place.unicodeScalars.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let field = parts[0].split(separator: "!", maxSplits: 1, omittingEmptySubsequences: false)
        var value = try value(String(field[0]), &next, call, place)
        switch field.dropFirst().first.map({ String($0).word }) {
        case nil: break
        case "s": value = .string(try TemplateText.string(value, &budget, line: call.line))
        case "r": value = .string(try TemplateText.representation(value, &budget, line: call.line))
        default: throw TemplateError("the place '{\(place)}' of a format is not supported", line: call.line)
        }
        guard parts.count > 1, !parts[1].isEmpty else { return try TemplateText.string(value, &budget, line: call.line) }
        guard let specification = TemplateFormatSpecification(String(parts[1])), let text = specification.text(value) else {
            throw TemplateError("the place '{\(place)}' of a format is not supported for \(value.typeName)", line: call.line)
        }
        return text
    }

    /// The argument that a place names, or one of its members.
    private static func value(_ name: String, _ next: inout Int, _ call: TemplateCall, _ place: String) throws(TemplateError)
        -> TemplateValue
    {
        var path = name.unicodeScalars.split(omittingEmptySubsequences: false) { $0 == "." || $0 == "[" }.map { String($0) }
        let first = path.removeFirst()
        var value: TemplateValue?
        if first.isEmpty || Int(first) != nil {
            let index = Int(first) ?? next
            if first.isEmpty { next += 1 }
            value = call.positional.indices.contains(index) ? call.positional[index] : nil
        } else {
            value = call.named.first { $0.name.utf8.elementsEqual(first.utf8) }?.value
        }
        for part in path {
            let key = part.utf8.last == UInt8(ascii: "]") ? String(decoding: part.utf8.dropLast(), as: UTF8.self) : part
            if let index = Int(key), case .list(let values)? = value?.plain {
                value = values.indices.contains(index) ? values[index] : nil
            } else {
                value = value?.member(key)
            }
        }
        guard let value else { throw TemplateError("there is no value for the place '{\(place)}' of a format", line: call.line) }
        return value
    }
}
