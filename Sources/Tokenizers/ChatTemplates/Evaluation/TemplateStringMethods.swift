/// Python's methods of texts.
enum TemplateStringMethods {
    static let names: Set<String> = [
        "capitalize", "casefold", "center", "count", "endswith", "find", "format", "index", "isalnum", "isalpha", "isdecimal", "isdigit",
        "islower",
        "isnumeric", "isspace", "isupper", "join", "ljust", "lower", "lstrip", "partition", "removeprefix", "removesuffix", "replace",
        "rfind",
        "rindex", "rjust", "rpartition", "rsplit", "rstrip", "split", "splitlines", "startswith", "strip", "swapcase", "title", "upper",
        "zfill",
    ]

    static func call(
        _ name: String,
        _ text: String,
        _ call: TemplateCall,
        _ budget: inout TemplateBudget
    ) throws(TemplateError) -> TemplateValue {
        try budget.spend(bytes: text.utf8.count, line: call.line)
        switch name {
        case "strip", "lstrip", "rstrip":
            let characters = try call.text(0, "chars", &budget)
            return .string(PythonText.strip(text, characters, atStart: name != "rstrip", atEnd: name != "lstrip"))
        case "upper": return .string(text.uppercased())
        case "lower", "casefold": return .string(text.lowercased())
        case "capitalize": return .string(PythonText.title(text) { _ in false })
        case "title": return .string(PythonText.title(text) { !$0.properties.isCased })
        case "swapcase":
            return .string(
                text.unicodeScalars.map { $0.properties.isUppercase ? $0.properties.lowercaseMapping : $0.properties.uppercaseMapping }
                    .joined()
            )
        case "startswith", "endswith": return try starts(text, name == "startswith", call, &budget)
        case "removeprefix", "removesuffix":
            let part = try required(0, "part", call, &budget)
            let (isPrefix, length) = (name == "removeprefix", part.utf8.count)
            guard hasEnd(text, part, isPrefix: isPrefix) else { return .string(text) }
            return .string(
                String(decoding: isPrefix ? Array(text.utf8.dropFirst(length)) : Array(text.utf8.dropLast(length)), as: UTF8.self)
            )
        case "replace": return try replace(text, call, &budget)
        case "split", "rsplit", "splitlines", "partition", "rpartition":
            return .list(try pieces(name, text, call, &budget).map { .string($0) })
        case "find", "rfind", "index", "rindex", "count": return try find(name, text, call, &budget)
        case "format": return .string(try TemplateBraceFormat.text(text, call, &budget))
        case "join":
            let separator = text
            let parts = try TemplateSequences.elements(call.argument(0, "iterable") ?? .undefined, &budget, call.line)
            return .string(try joined(parts, separator, &budget, call.line))
        case "center", "ljust", "rjust", "zfill": return try padded(name, text, call, &budget)
        default: return .bool(PythonText.isAll(name, text))
        }
    }

    /// Texts one behind the other with a separator between them.
    static func joined(
        _ parts: [TemplateValue],
        _ separator: String,
        _ budget: inout TemplateBudget,
        _ line: Int
    ) throws(TemplateError) -> String {
        try budget.spend(bytes: separator.utf8.count, times: parts.count, line: line)
        var result = ""
        for (index, part) in parts.enumerated() {
            if index > 0 { result += separator }
            let text = try TemplateText.string(part, &budget, line: line)
            try budget.spend(bytes: text.utf8.count, line: line)
            result += text
            guard result.utf8.count <= TemplateBudget.maximumText else {
                throw TemplateError("a text of more than \(TemplateBudget.maximumText) bytes", line: line)
            }
        }
        return result
    }

    private static func required(
        _ index: Int,
        _ name: String,
        _ call: TemplateCall,
        _ budget: inout TemplateBudget
    ) throws(TemplateError) -> String {
        guard let text = try call.text(index, name, &budget) else { throw TemplateError("'\(name)' is missing", line: call.line) }
        return text
    }

    private static func hasEnd(_ text: String, _ part: String, isPrefix: Bool) -> Bool {
        isPrefix ? text.utf8.starts(with: part.utf8) : text.utf8.reversed().starts(with: part.utf8.reversed())
    }

    /// Whether a text starts or ends with another, or with one of several.
    private static func starts(
        _ text: String,
        _ isPrefix: Bool,
        _ call: TemplateCall,
        _ budget: inout TemplateBudget
    ) throws(TemplateError) -> TemplateValue {
        switch call.argument(0, "prefix") {
        case .string(let part): return .bool(hasEnd(text, part, isPrefix: isPrefix))
        case .list(let parts):
            for part in parts {
                let part = try TemplateText.string(part, &budget, line: call.line)
                try budget.spend(bytes: part.utf8.count, line: call.line)
                if hasEnd(text, part, isPrefix: isPrefix) { return .bool(true) }
            }
            return .bool(false)
        case let other: throw TemplateError("expected a string, not \(other?.typeName ?? "nothing")", line: call.line)
        }
    }

    /// Replaces all, or the first few, occurrences.
    static func replace(_ text: String, _ call: TemplateCall, _ budget: inout TemplateBudget) throws(TemplateError) -> TemplateValue {
        let old = try required(0, "old", call, &budget)
        let new = try required(1, "new", call, &budget)
        let count = try call.integer(2, "count") ?? -1
        let limit = count < 0 ? Int.max : count
        if old.isEmpty {
            // Python puts it between all characters, and at both ends.
            try budget.spend(bytes: new.utf8.count, times: text.utf8.count + 1, line: call.line)
            var result = limit > 0 ? new : ""
            for (index, scalar) in text.unicodeScalars.enumerated() {
                result.unicodeScalars.append(scalar)
                if index + 1 < limit { result += new }
            }
            return .string(result)
        }
        let (bytes, places) = (Array(text.utf8), PythonText.occurrences(of: Array(old.utf8), in: Array(text.utf8), limit: limit))
        try budget.spend(bytes: new.utf8.count, times: places.count, line: call.line)
        var (result, start): ([UInt8], Int) = ([], 0)
        for place in places {
            result += bytes[start..<place]
            result += new.utf8
            start = place + old.utf8.count
        }
        result += bytes[start...]
        return .string(String(decoding: result, as: UTF8.self))
    }

    private static func pieces(_ name: String, _ text: String, _ call: TemplateCall, _ budget: inout TemplateBudget) throws(TemplateError)
        -> [String]
    {
        if name == "splitlines" { return PythonText.lines(text, keepsEnds: call.isTrue(0, "keepends")) }
        let separator = try call.text(0, "sep", &budget)
        if separator == "" { throw TemplateError("an empty separator", line: call.line) }
        let most = try call.integer(1, "maxsplit") ?? -1
        let limit = most < 0 ? Int.max : most
        switch (name, separator) {
        case ("split", nil): return PythonText.words(text, limit: limit)
        case ("split", let separator?): return PythonText.split(text, separator, limit: limit)
        case ("rsplit", nil):
            return PythonText.words(text).count > limit ? PythonText.wordsFromEnd(text, limit: limit) : PythonText.words(text)
        case ("rsplit", let separator?): return PythonText.splitFromEnd(text, separator, limit: limit)
        case (_, nil): throw TemplateError("'sep' is missing", line: call.line)
        case ("partition", let separator?):
            let parts = PythonText.split(text, separator, limit: 1)
            return parts.count == 2 ? [parts[0], separator, parts[1]] : [text, "", ""]
        case (_, let separator?):
            let parts = PythonText.splitFromEnd(text, separator, limit: 1)
            return parts.count == 2 ? [parts[0], separator, parts[1]] : ["", "", text]
        }
    }

    /// Places in Unicode scalars, as Python counts.
    private static func find(_ name: String, _ text: String, _ call: TemplateCall, _ budget: inout TemplateBudget) throws(TemplateError)
        -> TemplateValue
    {
        let part = try required(0, "sub", call, &budget)
        let bytes = Array(text.utf8)
        guard !part.isEmpty else {
            let length = text.unicodeScalars.count
            return .integer(name == "count" ? length + 1 : name.hasPrefix("r") ? length : 0)
        }
        if name == "count" { return .integer(PythonText.occurrences(of: Array(part.utf8), in: bytes).count) }
        let isLast = name.hasPrefix("r")
        let place =
            isLast
            ? PythonText.lastOccurrence(of: Array(part.utf8), in: bytes)
            : PythonText.occurrences(of: Array(part.utf8), in: bytes, limit: 1).first
        guard let place else {
            guard name.hasSuffix("find") else { throw TemplateError("the text does not hold that part", line: call.line) }
            return .integer(-1)
        }
        return .integer(bytes[..<place].count { $0 & 0xc0 != 0x80 })
    }

    private static func padded(_ name: String, _ text: String, _ call: TemplateCall, _ budget: inout TemplateBudget) throws(TemplateError)
        -> TemplateValue
    {
        let width = try call.integer(0, "width") ?? 0
        try budget.spend(bytes: max(width, 0), times: 4, line: call.line)
        let fill = try call.text(1, "fillchar", &budget) ?? " "
        let missing = max(0, width - text.unicodeScalars.count)
        switch name {
        case "ljust": return .string(text + String(repeating: fill, count: missing))
        case "rjust": return .string(String(repeating: fill, count: missing) + text)
        case "zfill":
            let sign = text.hasPrefix("-") || text.hasPrefix("+") ? 1 : 0
            return .string(text.prefix(sign) + String(repeating: "0", count: missing) + text.dropFirst(sign))
        default:
            // As CPython divides what is left over.
            let left = missing / 2 + (missing & width & 1)
            return .string(String(repeating: fill, count: left) + text + String(repeating: fill, count: missing - left))
        }
    }
}
