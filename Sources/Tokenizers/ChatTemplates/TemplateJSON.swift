/// Writes values as JSON the way Hugging Face's `tojson` does: Python's json.dumps without escapes of non-ASCII characters.
enum TemplateJSON {
    static func text(_ value: TemplateValue, indent: Int?, level: Int = 0) -> String {
        let (open, separator, close): (String, String, String)
        if let indent {
            let inner = "\n" + String(repeating: " ", count: indent * (level + 1))
            (open, separator, close) = (inner, "," + inner, "\n" + String(repeating: " ", count: indent * level))
        } else {
            (open, separator, close) = ("", ", ", "")
        }
        switch value {
        case .undefined, .none, .object: return "null"
        case .bool(let isTrue): return isTrue ? "true" : "false"
        case .integer(let number): return "\(number)"
        case .float(let number): return "\(number)"
        case .string(let text): return quoted(text)
        case .list(let values):
            if values.isEmpty { return "[]" }
            return "[" + open + values.map { Self.text($0, indent: indent, level: level + 1) }.joined(separator: separator) + close + "]"
        case .mapping(let members):
            if members.isEmpty { return "{}" }
            let texts = members.map { quoted($0.key) + ": " + Self.text($0.value, indent: indent, level: level + 1) }
            return "{" + open + texts.joined(separator: separator) + close + "}"
        }
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x22: result += "\\\""
            case 0x5c: result += "\\\\"
            case 0x0a: result += "\\n"
            case 0x0d: result += "\\r"
            case 0x09: result += "\\t"
            case 0x08: result += "\\b"
            case 0x0c: result += "\\f"
            case 0..<0x20:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
