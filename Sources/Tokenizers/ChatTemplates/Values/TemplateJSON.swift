/// Writes values as JSON the way Hugging Face's `tojson` does: Python's json.dumps, by default without escapes of characters beyond ASCII.
struct TemplateJSON {
    /// How it is laid out.
    struct Layout {
        /// What a level is indented by; nil for one line.
        var indent: String?
        var itemSeparator = ", "
        var keySeparator = ": "
        var sortsKeys = false
        var escapesBeyondASCII = false
    }

    private let layout: Layout
    private let line: Int
    private var bytes: [UInt8] = []

    /// The JSON text of a value.
    static func text(_ value: TemplateValue, _ layout: Layout, _ budget: inout TemplateBudget, line: Int) throws(TemplateError) -> String {
        var writer = TemplateJSON(layout: layout, line: line)
        try writer.write(value, level: 0, &budget)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private init(layout: Layout, line: Int) {
        self.layout = layout
        self.line = line
    }

    private mutating func write(_ value: TemplateValue, level: Int, _ budget: inout TemplateBudget) throws(TemplateError) {
        try budget.spend(1, line: line)
        switch value {
        case .none: bytes += "null".utf8
        case .bool(let isTrue): bytes += (isTrue ? "true" : "false").utf8
        case .integer(let number): bytes += "\(number)".utf8
        case .float(let number):
            bytes += (number.isNaN ? "NaN" : number.isInfinite ? (number < 0 ? "-Infinity" : "Infinity") : "\(number)").utf8
        case .string(let text), .markup(let text): try quote(text, &budget)
        case .list(let values), .tuple(let values):
            guard !values.isEmpty else { return bytes += "[]".utf8 }
            bytes.append(UInt8(ascii: "["))
            for (index, value) in values.enumerated() {
                try separate(index, level, &budget)
                try write(value, level: level + 1, &budget)
            }
            try breakLine(level, &budget)
            bytes.append(UInt8(ascii: "]"))
        case .mapping(let members):
            guard !members.isEmpty else { return bytes += "{}".utf8 }
            bytes.append(UInt8(ascii: "{"))
            var named: [(key: String, value: TemplateValue)] = []
            for member in members { named.append((try key(member.key, &budget), member.value)) }
            if layout.sortsKeys { named.sort { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) } }
            for (index, member) in named.enumerated() {
                try separate(index, level, &budget)
                try quote(member.key, &budget)
                try write(separator: layout.keySeparator, &budget)
                try write(member.value, level: level + 1, &budget)
            }
            try breakLine(level, &budget)
            bytes.append(UInt8(ascii: "}"))
        case .undefined, .object: throw TemplateError("\(value.typeName) has no JSON form", line: line)
        }
    }

    /// A key as text, as Python turns those that are none.
    private func key(_ key: TemplateValue, _ budget: inout TemplateBudget) throws(TemplateError) -> String {
        switch key {
        case .none: "null"
        case .bool(let isTrue): isTrue ? "true" : "false"
        default: try TemplateText.string(key, &budget, line: line)
        }
    }

    private mutating func separate(_ index: Int, _ level: Int, _ budget: inout TemplateBudget) throws(TemplateError) {
        if index > 0 { try write(separator: layout.itemSeparator, &budget) }
        try breakLine(level + 1, &budget)
    }

    private mutating func write(separator: String, _ budget: inout TemplateBudget) throws(TemplateError) {
        try budget.spend(bytes: separator.utf8.count, line: line)
        bytes += separator.utf8
        try budget.check(length: bytes.count, line: line)
    }

    private mutating func breakLine(_ level: Int, _ budget: inout TemplateBudget) throws(TemplateError) {
        guard let indent = layout.indent else { return }
        try budget.spend(bytes: indent.utf8.count, times: level, line: line)
        bytes.append(0x0a)
        for _ in 0..<level { bytes += indent.utf8 }
        try budget.check(length: bytes.count, line: line)
    }

    private mutating func quote(_ text: String, _ budget: inout TemplateBudget) throws(TemplateError) {
        try budget.spend(characters: text.utf8.count, line: line)
        bytes.append(UInt8(ascii: "\""))
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x22: bytes += "\\\"".utf8
            case 0x5c: bytes += "\\\\".utf8
            case 0x0a: bytes += "\\n".utf8
            case 0x0d: bytes += "\\r".utf8
            case 0x09: bytes += "\\t".utf8
            case 0x08: bytes += "\\b".utf8
            case 0x0c: bytes += "\\f".utf8
            case 0..<0x20: PythonText.appendEscape(UInt8(ascii: "u"), scalar.value, digits: 4, to: &bytes)
            case 0x20..<0x7f: bytes.append(UInt8(truncatingIfNeeded: scalar.value))
            default:
                if layout.escapesBeyondASCII {
                    for unit in UTF16.encode(scalar) ?? UTF16.encodedReplacementCharacter {
                        PythonText.appendEscape(UInt8(ascii: "u"), UInt32(unit), digits: 4, to: &bytes)
                    }
                } else {
                    UTF8Sequence.append(scalar, to: &bytes)
                }
            }
        }
        bytes.append(UInt8(ascii: "\""))
        try budget.check(length: bytes.count, line: line)
    }
}
