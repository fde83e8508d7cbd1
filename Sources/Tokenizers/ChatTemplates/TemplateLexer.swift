/// Cuts a chat template into tokens, as Hugging Face sets Jinja up: trim_blocks and lstrip_blocks are on.
struct TemplateLexer {
    private let source: [UInt8]
    private var index = 0
    private var line = 1
    private var tokens: [TemplateToken] = []
    /// Text before the next tag, not yet emitted.
    private var text: [UInt8] = []

    static func tokens(of source: String) throws(TemplateError) -> [TemplateToken] {
        var lexer = TemplateLexer(source)
        try lexer.run()
        return lexer.tokens
    }

    private init(_ source: String) {
        // Jinja drops one line break at the very end.
        var bytes = Array(source.utf8)
        if bytes.last == 0x0a { bytes.removeLast() }
        self.source = bytes
    }

    private mutating func run() throws(TemplateError) {
        while index < source.count {
            if matches("{{") {
                try tag("}}", begin: .beginOutput, end: .endOutput, isBlock: false)
            } else if matches("{%") {
                try tag("%}", begin: .beginBlock, end: .endBlock, isBlock: true)
            } else if matches("{#") {
                try comment()
            } else {
                if source[index] == 0x0a { line += 1 }
                text.append(source[index])
                index += 1
            }
        }
        flushText()
        tokens.append(TemplateToken(kind: .end, line: line))
    }

    private func matches(_ literal: StaticString) -> Bool {
        let count = literal.utf8CodeUnitCount
        guard index + count <= source.count else { return false }
        return (0..<count).allSatisfy { source[index + $0] == literal.utf8Start[$0] }
    }

    private mutating func flushText() {
        if !text.isEmpty { tokens.append(TemplateToken(kind: .text(String(decoding: text, as: UTF8.self)), line: line)) }
        text = []
    }

    /// White space before a tag: all of it with `-`; for blocks and comments, the indentation of a line that has nothing else before it.
    private mutating func trimBefore(isBlock: Bool) {
        let mark = index < source.count ? source[index] : 0
        if mark == UInt8(ascii: "-") {
            index += 1
            while let last = text.last, Self.isSpace(last) { text.removeLast() }
        } else if mark == UInt8(ascii: "+") {
            index += 1
        } else if isBlock {
            let indentation = text.reversed().prefix { $0 == 0x20 || $0 == 0x09 }.count
            let before = text.dropLast(indentation)
            if before.last == 0x0a || (before.isEmpty && tokens.isEmpty) { text.removeLast(indentation) }
        }
    }

    /// White space after a tag: all of it with `-`; after blocks and comments, one line break.
    private mutating func trimAfter(_ mark: UInt8, isBlock: Bool) {
        if mark == UInt8(ascii: "-") {
            while index < source.count, Self.isSpace(source[index]) {
                if source[index] == 0x0a { line += 1 }
                index += 1
            }
        } else if isBlock, mark != UInt8(ascii: "+"), index < source.count, source[index] == 0x0a {
            line += 1
            index += 1
        }
    }

    private mutating func comment() throws(TemplateError) {
        let start = line
        index += 2
        trimBefore(isBlock: true)
        while index < source.count, !matches("#}") {
            if source[index] == 0x0a { line += 1 }
            index += 1
        }
        guard index < source.count else { throw TemplateError("a comment is not closed", line: start) }
        let mark = source[index - 1]
        index += 2
        trimAfter(mark, isBlock: true)
    }

    private mutating func tag(
        _ close: StaticString,
        begin: TemplateToken.Kind,
        end: TemplateToken.Kind,
        isBlock: Bool
    ) throws(TemplateError) {
        let start = line
        index += 2
        trimBefore(isBlock: isBlock)
        flushText()
        tokens.append(TemplateToken(kind: begin, line: line))
        var depth = 0
        while true {
            while index < source.count, Self.isSpace(source[index]) {
                if source[index] == 0x0a { line += 1 }
                index += 1
            }
            guard index < source.count else { throw TemplateError("a tag is not closed", line: start) }
            if depth == 0, matches(close) || (index + 1 < source.count && closes(close)) {
                let mark = matches(close) ? 0 : source[index]
                tokens.append(TemplateToken(kind: end, line: line))
                index += mark == 0 ? 2 : 3
                trimAfter(mark, isBlock: isBlock)
                return
            }
            let token = try expressionToken()
            if case .symbol(let symbol) = token {
                if ["(", "[", "{"].contains(symbol) { depth += 1 }
                if [")", "]", "}"].contains(symbol) { depth = max(0, depth - 1) }
            }
            tokens.append(TemplateToken(kind: token, line: line))
        }
    }

    /// Whether `-%}` or `+%}` is next.
    private func closes(_ close: StaticString) -> Bool {
        guard source[index] == UInt8(ascii: "-") || source[index] == UInt8(ascii: "+"), index + 2 < source.count else { return false }
        return source[index + 1] == close.utf8Start[0] && source[index + 2] == close.utf8Start[1]
    }

    private mutating func expressionToken() throws(TemplateError) -> TemplateToken.Kind {
        let byte = source[index]
        if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") { return .string(try quoted(byte)) }
        if Self.isDigit(byte) { return try number() }
        if Self.isLetter(byte) {
            let start = index
            while index < source.count, Self.isLetter(source[index]) || Self.isDigit(source[index]) { index += 1 }
            return .name(String(decoding: source[start..<index], as: UTF8.self))
        }
        for symbol in ["==", "!=", "<=", ">=", "//", "**"]
        where Array(symbol.utf8).elementsEqual(source[index..<min(index + 2, source.count)]) {
            index += 2
            return .symbol(symbol)
        }
        guard "+-*/%~|.,:()[]{}<>=".utf8.contains(byte) else {
            throw TemplateError("unexpected character '\(Character(Unicode.Scalar(byte)))'", line: line)
        }
        index += 1
        return .symbol(String(Character(Unicode.Scalar(byte))))
    }

    private mutating func quoted(_ quote: UInt8) throws(TemplateError) -> String {
        let start = line
        var bytes: [UInt8] = []
        index += 1
        while index < source.count, source[index] != quote {
            if source[index] == UInt8(ascii: "\\"), index + 1 < source.count {
                index += 1
                switch source[index] {
                case UInt8(ascii: "n"): bytes.append(0x0a)
                case UInt8(ascii: "t"): bytes.append(0x09)
                case UInt8(ascii: "r"): bytes.append(0x0d)
                case UInt8(ascii: "\\"), UInt8(ascii: "'"), UInt8(ascii: "\""): bytes.append(source[index])
                case UInt8(ascii: "u"):
                    guard index + 4 < source.count,
                        let value = UInt32(String(decoding: source[index + 1...index + 4], as: UTF8.self), radix: 16),
                        let scalar = Unicode.Scalar(value)
                    else { throw TemplateError("a \\u escape is not four hexadecimal digits", line: line) }
                    bytes += Array(String(Character(scalar)).utf8)
                    index += 4
                default: bytes += [UInt8(ascii: "\\"), source[index]]
                }
            } else {
                if source[index] == 0x0a { line += 1 }
                bytes.append(source[index])
            }
            index += 1
        }
        guard index < source.count else { throw TemplateError("a string is not closed", line: start) }
        index += 1
        return String(decoding: bytes, as: UTF8.self)
    }

    private mutating func number() throws(TemplateError) -> TemplateToken.Kind {
        let start = index
        while index < source.count, Self.isDigit(source[index]) { index += 1 }
        if index + 1 < source.count, source[index] == UInt8(ascii: "."), Self.isDigit(source[index + 1]) {
            index += 1
            while index < source.count, Self.isDigit(source[index]) { index += 1 }
            return .float(Double(String(decoding: source[start..<index], as: UTF8.self)) ?? 0)
        }
        guard let value = Int(String(decoding: source[start..<index], as: UTF8.self)) else {
            throw TemplateError("a number is too large", line: line)
        }
        return .integer(value)
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || (0x09...0x0d).contains(byte)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte)
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte) || byte == 0x5f || byte >= 0x80
    }
}
