import Foundation

/// Python's `%` for texts: `%s`, `%r`, `%d`, `%i`, `%x`, `%f`, `%e`, `%g`, `%%`, with flags, width and precision, and
/// `%(name)s` for a mapping's members.
enum TemplateFormat {
    static func text(
        _ format: String,
        _ values: [TemplateValue],
        _ budget: inout TemplateBudget,
        line: Int
    ) throws(TemplateError) -> String {
        var result = ""
        var rest = Substring(format).unicodeScalars
        var next = values.startIndex
        let isOfMapping = if values.count == 1, case .mapping = values[0] { true } else { false }
        while let scalar = rest.popFirst() {
            guard scalar == "%" else {
                result.unicodeScalars.append(scalar)
                continue
            }
            var member: TemplateValue?
            if rest.first == "(", let close = rest.firstIndex(of: ")") {
                let name = String(rest[rest.startIndex..<close].dropFirst())
                try budget.spend(1, line: line)
                member = isOfMapping ? values[0].member(name) : nil
                guard member != nil else { throw TemplateError("there is no value for the place '%(\(name))' of a format", line: line) }
                rest = rest[rest.index(after: close)...]
            }
            let flags = rest.prefix { "-0+ #".unicodeScalars.contains($0) }
            rest = rest.dropFirst(flags.count)
            let width = number(&rest)
            var precision: Int?
            if rest.first == "." {
                rest.removeFirst()
                precision = number(&rest) ?? 0
            }
            guard let kind = rest.popFirst() else { throw TemplateError("a format ends with '%'", line: line) }
            if kind == "%" {
                result += "%"
                continue
            }
            guard member != nil || next < values.endIndex else { throw TemplateError("a format has more places than values", line: line) }
            guard width ?? 0 <= 10_000, precision ?? 0 <= 100 else { throw TemplateError("a format's width is too large", line: line) }
            let piece = try piece(kind, member ?? values[next], precision, signed: flags.contains("+"), &budget, line)
            if member == nil { next += 1 }
            try budget.spend(bytes: result.utf8.count / 16 + piece.utf8.count, line: line)
            let padding = max(0, (width ?? 0) - piece.unicodeScalars.count)
            try budget.spend(bytes: padding, line: line)
            if flags.contains("-") {
                result += piece + PythonText.repeated(" ", padding)
            } else if flags.contains("0"), kind != "s", kind != "r" {
                let sign = piece.prefix { $0 == "-" || $0 == "+" }
                result += sign + PythonText.repeated("0", padding) + piece.dropFirst(sign.count)
            } else {
                result += PythonText.repeated(" ", padding) + piece
            }
        }
        guard isOfMapping || next == values.endIndex else { throw TemplateError("a format has fewer places than values", line: line) }
        return result
    }

    private static func number(_ rest: inout Substring.UnicodeScalarView) -> Int? {
        let digits = rest.prefix { (0x30...0x39).contains($0.value) }
        rest = rest.dropFirst(digits.count)
        return digits.isEmpty ? nil : Int(String(digits)) ?? .max
    }

    private static func piece(
        _ kind: Unicode.Scalar,
        _ value: TemplateValue,
        _ precision: Int?,
        signed: Bool,
        _ budget: inout TemplateBudget,
        _ line: Int
    ) throws(TemplateError) -> String {
        switch kind {
        case "s", "r":
            let text =
                kind == "s"
                ? try TemplateText.string(value, &budget, line: line) : try TemplateText.representation(value, &budget, line: line)
            return precision.map { String(text.unicodeScalars.prefix($0)) } ?? text
        case "d", "i", "x", "X":
            guard let number = value.integer ?? value.number.flatMap({ Int(exactly: $0.rounded(.towardZero)) }) else { break }
            let digits = kind == "x" ? String(number, radix: 16) : kind == "X" ? String(number, radix: 16, uppercase: true) : "\(number)"
            return signed && number >= 0 ? "+" + digits : digits
        case "f", "F", "e", "g":
            guard let number = value.number else { break }
            return String(format: "%\(signed ? "+" : "").\(precision ?? 6)\(kind)", number)
        default: throw TemplateError("a format has the unknown place '%\(kind)'", line: line)
        }
        throw TemplateError("'%\(kind)' wants a number, not \(value.typeName)", line: line)
    }
}
