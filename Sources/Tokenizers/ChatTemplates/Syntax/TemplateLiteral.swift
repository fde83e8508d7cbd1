/// Strings and numbers as Python writes them.
enum TemplateLiteral {
    /// A string from its quote on, escapes undone, and where it ends.
    static func string(_ source: [UInt8], from start: Int, line: Int) throws(TemplateError) -> (value: String, end: Int) {
        var bytes: [UInt8] = []
        var index = start + 1
        while index < source.count, source[index] != source[start] {
            if source[index] == UInt8(ascii: "\\"), index + 1 < source.count {
                index = try escape(source, at: index + 1, line: line, into: &bytes)
            } else {
                bytes.append(source[index])
                index += 1
            }
        }
        guard index < source.count else { throw TemplateError("a string is not closed", line: line) }
        return (String(decoding: bytes, as: UTF8.self), index + 1)
    }

    /// Undoes the escape whose backslash is before `index`; the place behind it.
    private static func escape(_ source: [UInt8], at index: Int, line: Int, into bytes: inout [UInt8]) throws(TemplateError) -> Int {
        let plain: [UInt8: UInt8] = [
            UInt8(ascii: "n"): 0x0a, UInt8(ascii: "t"): 0x09, UInt8(ascii: "r"): 0x0d, UInt8(ascii: "a"): 0x07, UInt8(ascii: "b"): 0x08,
            UInt8(ascii: "f"): 0x0c, UInt8(ascii: "v"): 0x0b, UInt8(ascii: "\\"): 0x5c, UInt8(ascii: "'"): 0x27, UInt8(ascii: "\""): 0x22,
        ]
        let byte = source[index]
        if let meant = plain[byte] {
            bytes.append(meant)
            return index + 1
        }
        switch byte {
        case 0x0a: return index + 1
        case UInt8(ascii: "x"): return try scalar(source, index + 1, digits: 2, radix: 16, line, into: &bytes)
        case UInt8(ascii: "u"): return try scalar(source, index + 1, digits: 4, radix: 16, line, into: &bytes)
        case UInt8(ascii: "U"): return try scalar(source, index + 1, digits: 8, radix: 16, line, into: &bytes)
        case UInt8(ascii: "0")...UInt8(ascii: "7"):
            let digits = source[index..<min(index + 3, source.count)].prefix { (0x30...0x37).contains($0) }.count
            return try scalar(source, index, digits: digits, radix: 8, line, into: &bytes)
        default:
            bytes += [UInt8(ascii: "\\"), byte]
            return index + 1
        }
    }

    private static func scalar(
        _ source: [UInt8],
        _ start: Int,
        digits: Int,
        radix: Int,
        _ line: Int,
        into bytes: inout [UInt8]
    ) throws(TemplateError) -> Int {
        let text = String(decoding: source[min(start, source.count)..<min(start + digits, source.count)], as: UTF8.self)
        guard text.utf8.count == digits, let value = UInt32(text, radix: radix), let scalar = Unicode.Scalar(value) else {
            throw TemplateError("an escape in a string is not \(digits) digits of a character", line: line)
        }
        UTF8Sequence.append(scalar, to: &bytes)
        return start + digits
    }

    /// A number and where it ends. Behind a dot it is an index: `a.0.1` has no fraction.
    static func number(
        _ source: [UInt8],
        from start: Int,
        line: Int,
        isIndex: Bool
    ) throws(TemplateError) -> (TemplateToken.Kind, end: Int) {
        func digits(_ from: Int) -> Int {
            var index = from
            while index < source.count, TemplateLexer.isDigit(source[index]) || (source[index] == UInt8(ascii: "_") && index > from) {
                index += 1
            }
            return index
        }
        func text(_ end: Int) -> String {
            String(decoding: source[start..<end].filter { $0 != UInt8(ascii: "_") }, as: UTF8.self)
        }
        if source[start] == 0x30, start + 1 < source.count,
            let radix = [UInt8(ascii: "x"): 16, UInt8(ascii: "o"): 8, UInt8(ascii: "b"): 2][source[start + 1] | 0x20]
        {
            var end = start + 2
            while end < source.count, Character(Unicode.Scalar(source[end])).isHexDigit || source[end] == UInt8(ascii: "_") { end += 1 }
            guard let value = Int(text(end).dropFirst(2), radix: radix) else {
                throw TemplateError("a number is malformed or too large", line: line)
            }
            return (.integer(value), end)
        }
        var end = digits(start)
        var isFloat = false
        if !isIndex, end + 1 < source.count, source[end] == UInt8(ascii: "."), TemplateLexer.isDigit(source[end + 1]) {
            end = digits(end + 1)
            isFloat = true
        }
        if !isIndex, end < source.count, source[end] | 0x20 == UInt8(ascii: "e") {
            let sign = end + 1 < source.count && (source[end + 1] == UInt8(ascii: "+") || source[end + 1] == UInt8(ascii: "-")) ? 1 : 0
            let exponent = end + 1 + sign
            if exponent < source.count, TemplateLexer.isDigit(source[exponent]) {
                end = digits(exponent)
                isFloat = true
            }
        }
        if isFloat, let value = Double(text(end)) { return (.float(value), end) }
        guard let value = Int(text(end)) else { throw TemplateError("a number is too large", line: line) }
        return (.integer(value), end)
    }
}
