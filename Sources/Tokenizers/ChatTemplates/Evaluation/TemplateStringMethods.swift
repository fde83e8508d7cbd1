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

    /// A text is cut into at most so many pieces.
    static let mostPieces = 1_000_000

    /// Whether a method goes through the text character by character, which takes its time.
    private static func isSlow(_ name: String, _ call: TemplateCall) -> Bool {
        switch name {
        case "capitalize", "casefold", "lower", "rpartition", "rsplit", "splitlines", "swapcase", "title", "upper": true
        case "split": (call.argument(0, "sep") ?? TemplateValue.none) == .none
        case "replace": call.argument(0, "old") == .string("")
        case "startswith", "endswith", "find", "rfind", "index", "rindex", "count": call.positional.count > 1
        default: name.hasPrefix("is")
        }
    }

    static func call(
        _ name: String,
        _ text: String,
        _ call: TemplateCall,
        _ budget: inout TemplateBudget
    ) throws(TemplateError) -> TemplateValue {
        try budget.spend(bytes: text.utf8.count, line: call.line)
        if isSlow(name, call) { try budget.spend(characters: text.utf8.count, line: call.line) }
        switch name {
        case "strip", "lstrip", "rstrip":
            let characters = try call.string(0, "chars")
            let stripped = PythonText.strip(text, characters, atStart: name != "rstrip", atEnd: name != "lstrip")
            try budget.spend(characters: text.utf8.count - stripped.utf8.count, line: call.line)
            return .string(stripped)
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
            let part = try required(0, "part", call)
            let (isPrefix, length) = (name == "removeprefix", part.utf8.count)
            guard hasEnd(text, part, isPrefix: isPrefix) else { return .string(text) }
            return .string(
                String(decoding: isPrefix ? Array(text.utf8.dropFirst(length)) : Array(text.utf8.dropLast(length)), as: UTF8.self)
            )
        case "replace": return try replace(text, call, &budget)
        case "split", "rsplit", "splitlines", "partition", "rpartition":
            let texts = try pieces(name, text, call)
            guard texts.count <= mostPieces else { throw TemplateError("more than \(mostPieces) pieces of a text", line: call.line) }
            let pieces = texts.map { TemplateValue.string($0) }
            return name.hasSuffix("partition") ? .tuple(pieces) : .list(pieces)
        case "find", "rfind", "index", "rindex", "count": return try find(name, text, call)
        case "format": return .string(try TemplateBraceFormat.text(text, call, &budget))
        case "join":
            let parts = try TemplateSequences.elements(call.argument(0, "iterable") ?? .undefined, &budget, call.line)
            for part in parts {
                guard case .string = part.plain else { throw TemplateError("'join' wants strings, not \(part.typeName)", line: call.line) }
            }
            return .string(try joined(parts, text, &budget, call.line))
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

    private static func required(_ index: Int, _ name: String, _ call: TemplateCall) throws(TemplateError) -> String {
        guard let text = try call.string(index, name) else { throw TemplateError("'\(name)' is missing", line: call.line) }
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
        let text = try part(of: text, call)
        switch call.argument(0, "prefix") {
        case .string(let part), .markup(let part): return .bool(hasEnd(text, part, isPrefix: isPrefix))
        case .tuple(let parts):
            for part in parts {
                guard case .string(let part) = part.plain else {
                    throw TemplateError("expected a string, not \(part.typeName)", line: call.line)
                }
                try budget.spend(bytes: part.utf8.count, line: call.line)
                if hasEnd(text, part, isPrefix: isPrefix) { return .bool(true) }
            }
            return .bool(false)
        case let other: throw TemplateError("expected a string, not \(other?.typeName ?? "nothing")", line: call.line)
        }
    }

    /// The part of a text that a search is limited to: from its second argument up to its third.
    private static func part(of text: String, _ call: TemplateCall) throws(TemplateError) -> String {
        guard call.positional.count > 1 else { return text }
        let scalars = text.unicodeScalars
        let bounds = try searchBounds(of: scalars.count, call)
        return String(String.UnicodeScalarView(scalars.dropFirst(bounds.lowerBound).prefix(bounds.count)))
    }

    private static func searchBounds(of count: Int, _ call: TemplateCall) throws(TemplateError) -> Range<Int> {
        func bound(_ index: Int, _ name: String, _ fallback: Int) throws(TemplateError) -> Int {
            guard let place = try call.integer(index, name) else { return fallback }
            return min(max(place < 0 ? place + count : place, 0), count)
        }
        let start = try bound(1, "start", 0)
        return start..<max(start, try bound(2, "end", count))
    }

    /// Replaces all, or the first few, occurrences.
    static func replace(_ text: String, _ call: TemplateCall, _ budget: inout TemplateBudget) throws(TemplateError) -> TemplateValue {
        let old = try required(0, "old", call)
        let new = try required(1, "new", call)
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
        try budget.spend(places.count / 2, line: call.line)
        var (result, start): ([UInt8], Int) = ([], 0)
        for place in places {
            result += bytes[start..<place]
            result += new.utf8
            start = place + old.utf8.count
        }
        result += bytes[start...]
        return .string(String(decoding: result, as: UTF8.self))
    }

    private static func pieces(_ name: String, _ text: String, _ call: TemplateCall) throws(TemplateError) -> [String] {
        if name == "splitlines" { return PythonText.lines(text, keepsEnds: call.isTrue(0, "keepends"), limit: mostPieces) }
        let separator = try call.string(0, "sep")
        if separator?.isEmpty == true { throw TemplateError("an empty separator", line: call.line) }
        let most = try call.integer(1, "maxsplit") ?? -1
        let limit = min(most < 0 ? Int.max : most, mostPieces)
        switch (name, separator) {
        case ("split", nil): return PythonText.words(text, limit: limit)
        case ("split", let separator?): return PythonText.split(text, separator, limit: limit)
        case ("rsplit", nil):
            let words = PythonText.words(text, limit: mostPieces)
            return words.count > limit ? PythonText.wordsFromEnd(text, limit: limit) : words
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
    private static func find(_ name: String, _ whole: String, _ call: TemplateCall) throws(TemplateError) -> TemplateValue {
        let part = try required(0, "sub", call)
        let text = try Self.part(of: whole, call)
        let offset = try call.positional.count > 1 ? searchBounds(of: whole.unicodeScalars.count, call).lowerBound : 0
        let bytes = Array(text.utf8)
        guard !part.isEmpty else {
            let length = text.unicodeScalars.count
            return .integer(name == "count" ? length + 1 : offset + (name.hasPrefix("r") ? length : 0))
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
        return .integer(offset + bytes[..<place].count { $0 & 0xc0 != 0x80 })
    }

    private static func padded(_ name: String, _ text: String, _ call: TemplateCall, _ budget: inout TemplateBudget) throws(TemplateError)
        -> TemplateValue
    {
        let width = try call.integer(0, "width") ?? 0
        try budget.spend(bytes: max(width, 0), times: 4, line: call.line)
        let fill = try call.text(1, "fillchar", &budget) ?? " "
        let missing = max(0, width - text.unicodeScalars.count)
        switch name {
        case "ljust": return .string(text + PythonText.repeated(fill, missing))
        case "rjust": return .string(PythonText.repeated(fill, missing) + text)
        case "zfill":
            let sign = text.unicodeScalars.prefix { $0 == "-" || $0 == "+" }.prefix(1)
            return .string(String(sign) + PythonText.repeated("0", missing) + String(text.unicodeScalars.dropFirst(sign.count)))
        default:
            // As CPython divides what is left over.
            let left = missing / 2 + (missing & width & 1)
            return .string(PythonText.repeated(fill, left) + text + PythonText.repeated(fill, missing - left))
        }
    }
}
