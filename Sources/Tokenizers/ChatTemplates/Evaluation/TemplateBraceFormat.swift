/// Python's `str.format`: `{}`, `{0}`, `{name}`, with `!s` or `!r`, but without members and format specifications.
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
        let parts = place.split(separator: "!", maxSplits: 1, omittingEmptySubsequences: false)
        let (name, conversion) = (String(parts[0]), parts.count > 1 ? parts[1] : "s")
        guard !place.contains(":"), !name.contains("."), !name.contains("["), conversion == "s" || conversion == "r" else {
            throw TemplateError("the place '{\(place)}' of a format is not supported", line: call.line)
        }
        var value: TemplateValue?
        if name.isEmpty || Int(name) != nil {
            let index = Int(name) ?? next
            if name.isEmpty { next += 1 }
            value = call.positional.indices.contains(index) ? call.positional[index] : nil
        } else {
            value = call.named.first { $0.name.utf8.elementsEqual(name.utf8) }?.value
        }
        guard let value else { throw TemplateError("there is no value for the place '{\(place)}' of a format", line: call.line) }
        return conversion == "s"
            ? try TemplateText.string(value, &budget, line: call.line) : try TemplateText.representation(value, &budget, line: call.line)
    }
}
