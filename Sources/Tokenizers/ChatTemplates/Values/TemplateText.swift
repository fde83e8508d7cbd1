/// Writes values as Python's `str` and `repr` do.
struct TemplateText {
    private var bytes: [UInt8] = []
    private let line: Int

    /// How a value prints.
    static func string(_ value: TemplateValue, _ budget: inout TemplateBudget, line: Int) throws(TemplateError) -> String {
        switch value {
        case .string(let text), .markup(let text): return text
        case .undefined: return ""
        default:
            var writer = TemplateText(line: line)
            try writer.representation(value, &budget)
            return String(decoding: writer.bytes, as: UTF8.self)
        }
    }

    /// How a value prints inside a list.
    static func representation(_ value: TemplateValue, _ budget: inout TemplateBudget, line: Int) throws(TemplateError) -> String {
        var writer = TemplateText(line: line)
        try writer.representation(value, &budget)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private init(line: Int) {
        self.line = line
    }

    private mutating func representation(_ value: TemplateValue, _ budget: inout TemplateBudget) throws(TemplateError) {
        try budget.spend(1, line: line)
        switch value {
        case .undefined: bytes += "Undefined".utf8
        case .none: bytes += "None".utf8
        case .bool(let value): bytes += (value ? "True" : "False").utf8
        case .integer(let value): bytes += "\(value)".utf8
        case .float(let value): bytes += "\(value)".utf8
        case .string(let value): try quote(value, &budget)
        case .markup(let value):
            bytes += "Markup(".utf8
            try quote(value, &budget)
            bytes.append(UInt8(ascii: ")"))
        case .list(let values): try sequence("[", values, "]", &budget)
        case .tuple(let values): try sequence("(", values, values.count == 1 ? ",)" : ")", &budget)
        case .mapping(let members):
            bytes.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                if index > 0 { bytes += ", ".utf8 }
                try representation(member.key, &budget)
                bytes += ": ".utf8
                try representation(member.value, &budget)
            }
            bytes.append(UInt8(ascii: "}"))
        case .object(let object):
            guard case .view(let name, let values) = object.kind else { return bytes += "<object>".utf8 }
            try sequence("\(name)([", values, "])", &budget)
        }
    }

    private mutating func sequence(
        _ open: String,
        _ values: [TemplateValue],
        _ close: String,
        _ budget: inout TemplateBudget
    ) throws(TemplateError) {
        bytes += open.utf8
        for (index, value) in values.enumerated() {
            if index > 0 { bytes += ", ".utf8 }
            try representation(value, &budget)
        }
        bytes += close.utf8
    }

    private mutating func quote(_ text: String, _ budget: inout TemplateBudget) throws(TemplateError) {
        try budget.spend(characters: text.utf8.count, line: line)
        quote(text)
        try budget.check(length: bytes.count, line: line)
    }

    /// Python's quotes: single ones, but for a text that holds those and no double ones.
    private mutating func quote(_ text: String) {
        let quote: UInt8 = text.utf8.contains(0x27) && !text.utf8.contains(0x22) ? 0x22 : 0x27
        bytes.append(quote)
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case UInt32(quote), 0x5c: bytes += [0x5c, UInt8(truncatingIfNeeded: scalar.value)]
            case 0x0a: bytes += "\\n".utf8
            case 0x0d: bytes += "\\r".utf8
            case 0x09: bytes += "\\t".utf8
            case 0x20..<0x7f: bytes.append(UInt8(truncatingIfNeeded: scalar.value))
            default:
                if Self.isPrintable(scalar) {
                    UTF8Sequence.append(scalar, to: &bytes)
                } else {
                    let (letter, digits) =
                        scalar.value <= 0xff
                        ? (UInt8(ascii: "x"), 2) : scalar.value <= 0xffff ? (UInt8(ascii: "u"), 4) : (UInt8(ascii: "U"), 8)
                    PythonText.appendEscape(letter, scalar.value, digits: digits, to: &bytes)
                }
            }
        }
        bytes.append(quote)
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .spaceSeparator, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }
}
