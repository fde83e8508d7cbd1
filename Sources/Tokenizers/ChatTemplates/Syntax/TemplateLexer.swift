/// Cuts a chat template into tokens, with trim_blocks and lstrip_blocks on: the line break after a block tag goes, and so does the indentation of a
/// block tag that is the first thing on its line.
struct TemplateLexer {
    private let source: [UInt8]
    private var index = 0
    private var line = 1
    private var tokens: [TemplateToken] = []
    /// Whether what was cut last ended with a line break.
    private var startsLine = true

    /// The tokens of a template, ``TemplateToken/Kind/end`` last.
    static func tokens(of source: String) throws(TemplateError) -> [TemplateToken] {
        var lexer = TemplateLexer(source)
        while lexer.index < lexer.source.count { try lexer.cut() }
        lexer.tokens.append(TemplateToken(kind: .end, line: lexer.line))
        return lexer.tokens
    }

    private init(_ source: String) {
        // As Jinja does: all line breaks are \n, and one at the very end goes.
        var bytes: [UInt8] = []
        bytes.reserveCapacity(source.utf8.count)
        for byte in source.utf8 {
            if byte == 0x0a, bytes.last == 0x0d { bytes.removeLast() }
            if bytes.last == 0x0d { bytes[bytes.count - 1] = 0x0a }
            bytes.append(byte)
        }
        if bytes.last == 0x0d { bytes[bytes.count - 1] = 0x0a }
        if bytes.last == 0x0a { bytes.removeLast() }
        self.source = bytes
    }

    /// Cuts text up to the next tag, and the tag.
    private mutating func cut() throws(TemplateError) {
        let start = index
        while index < source.count, !matches("{{"), !matches("{%"), !matches("{#") { index += 1 }
        let end = index
        guard end < source.count else { return emit(start..<end, of: start..<end) }
        let (isOutput, isComment) = (matches("{{"), matches("{#"))
        index += 2
        let sign = sign(at: index)
        if sign != nil { index += 1 }
        emit(start..<keptEnd(start..<end, sign, isBlock: !isOutput), of: start..<end)
        if isComment {
            try comment()
        } else if isOutput {
            try tag(closing: "}}", .beginOutput, .endOutput, isBlock: false)
        } else if let body = raw() {
            try skipRaw(body)
        } else {
            try tag(closing: "%}", .beginBlock, .endBlock, isBlock: true)
        }
    }

    /// The `-` or `+` of a tag.
    private func sign(at index: Int) -> UInt8? {
        guard index < source.count, source[index] == UInt8(ascii: "-") || source[index] == UInt8(ascii: "+") else { return nil }
        return source[index]
    }

    /// Where the text before a tag ends: with `-` its white space goes, without a sign the indentation of a block that begins a line.
    private func keptEnd(_ text: Range<Int>, _ sign: UInt8?, isBlock: Bool) -> Int {
        if sign == UInt8(ascii: "-") { return PythonText.spaceStart(source, in: text) }
        guard sign == nil, isBlock else { return text.upperBound }
        let lineStart = source[text].lastIndex(of: 0x0a).map { $0 + 1 } ?? text.lowerBound
        guard lineStart > text.lowerBound || startsLine else { return text.upperBound }
        return PythonText.spaceStart(source, in: lineStart..<text.upperBound) == lineStart ? lineStart : text.upperBound
    }

    private func matches(_ literal: StaticString, at offset: Int = 0) -> Bool {
        let start = index + offset
        guard start + literal.utf8CodeUnitCount <= source.count else { return false }
        for place in 0..<literal.utf8CodeUnitCount where source[start + place] != literal.utf8Start[place] { return false }
        return true
    }

    /// Adds a part of the source as text, and counts the lines of all that was read.
    private mutating func emit(_ kept: Range<Int>, of read: Range<Int>) {
        if !kept.isEmpty { tokens.append(TemplateToken(kind: .text(String(decoding: source[kept], as: UTF8.self)), line: line)) }
        countLines(read)
        startsLine = false
    }

    private mutating func countLines(_ range: Range<Int>) {
        for byte in source[range] where byte == 0x0a { line += 1 }
    }

    /// After a tag: with `-` all white space goes, after blocks and comments one line break.
    private mutating func endTag(_ sign: UInt8?, isBlock: Bool) {
        startsLine = false
        if sign == UInt8(ascii: "-") {
            let end = PythonText.spaceEnd(source, from: index)
            startsLine = end > index && source[end - 1] == 0x0a
            countLines(index..<end)
            index = end
        } else if sign == nil, isBlock, index < source.count, source[index] == 0x0a {
            line += 1
            index += 1
            startsLine = true
        }
    }

    private mutating func comment() throws(TemplateError) {
        let (start, body) = (line, index)
        while index < source.count, !matches("#}") {
            if source[index] == 0x0a { line += 1 }
            index += 1
        }
        guard index < source.count else { throw TemplateError("a comment is not closed", line: start) }
        let sign = index > body ? sign(at: index - 1) : nil
        index += 2
        endTag(sign, isBlock: true)
    }

    /// Where the body of a raw block begins, if this is one: `raw %}` is next.
    private func raw() -> Int? {
        var place = index
        func skipSpace() { while place < source.count, Self.isSpace(source[place]) { place += 1 } }
        func take(_ literal: StaticString) -> Bool {
            guard matches(literal, at: place - index) else { return false }
            place += literal.utf8CodeUnitCount
            return true
        }
        skipSpace()
        guard take("raw") else { return nil }
        skipSpace()
        if take("-%}") {
            skipSpace()
            return place
        }
        return take("%}") ? place : nil
    }

    /// Takes everything up to `{% endraw %}` as text.
    private mutating func skipRaw(_ body: Int) throws(TemplateError) {
        let start = line
        countLines(index..<body)
        index = body
        while index < source.count {
            if matches("{%"), let end = endRaw() {
                emit(body..<keptEnd(body..<index, sign(at: index + 2), isBlock: true), of: body..<index)
                index = end.index
                return endTag(end.sign, isBlock: true)
            }
            index += 1
        }
        throw TemplateError("a raw block is not closed", line: start)
    }

    /// If `{% endraw %}` is next, its sign and the place behind it.
    private func endRaw() -> (sign: UInt8?, index: Int)? {
        var place = index + (sign(at: index + 2) == nil ? 2 : 3)
        while place < source.count, Self.isSpace(source[place]) { place += 1 }
        guard matches("endraw", at: place - index) else { return nil }
        place += 6
        while place < source.count, Self.isSpace(source[place]) { place += 1 }
        let sign = sign(at: place)
        if sign != nil { place += 1 }
        return matches("%}", at: place - index) ? (sign, place + 2) : nil
    }

    private mutating func tag(
        closing close: StaticString,
        _ begin: TemplateToken.Kind,
        _ end: TemplateToken.Kind,
        isBlock: Bool
    ) throws(TemplateError) {
        let start = line
        tokens.append(TemplateToken(kind: begin, line: line))
        var brackets: [String] = []
        while true {
            while index < source.count, Self.isSpace(source[index]) {
                if source[index] == 0x0a { line += 1 }
                index += 1
            }
            guard index < source.count else { throw TemplateError("a tag is not closed", line: start) }
            if brackets.isEmpty {
                let sign = source[index] == UInt8(ascii: "-") || (isBlock && source[index] == UInt8(ascii: "+")) ? source[index] : nil
                if matches(close, at: sign == nil ? 0 : 1) {
                    tokens.append(TemplateToken(kind: end, line: line))
                    index += sign == nil ? 2 : 3
                    return endTag(sign, isBlock: isBlock)
                }
            }
            let place = line
            let token = try expressionToken()
            switch token {
            case .symbol("("): brackets.append(")")
            case .symbol("["): brackets.append("]")
            case .symbol("{"): brackets.append("}")
            case .symbol(let symbol) where [")", "]", "}"].contains(symbol):
                let expected = brackets.popLast()
                guard expected == symbol else {
                    throw TemplateError("unexpected '\(symbol)'\(expected.map { ", expected '\($0)'" } ?? "")", line: place)
                }
            default: break
            }
            tokens.append(TemplateToken(kind: token, line: place))
        }
    }

    private mutating func expressionToken() throws(TemplateError) -> TemplateToken.Kind {
        let byte = source[index]
        if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
            let literal = try TemplateLiteral.string(source, from: index, line: line)
            countLines(index..<literal.end)
            index = literal.end
            return .string(literal.value)
        }
        if Self.isDigit(byte) {
            let (kind, end) = try TemplateLiteral.number(source, from: index, line: line, isIndex: tokens.last?.kind == .symbol("."))
            index = end
            return kind
        }
        if Self.isLetter(byte) {
            let start = index
            while index < source.count, Self.isLetter(source[index]) || Self.isDigit(source[index]) { index += 1 }
            guard index - start <= Self.longestName else {
                throw TemplateError("a name of more than \(Self.longestName) bytes", line: line)
            }
            return .name(String(decoding: source[start..<index], as: UTF8.self))
        }
        for symbol: StaticString in ["==", "!=", "<=", ">=", "//", "**"] where matches(symbol) {
            index += 2
            return .symbol("\(symbol)")
        }
        guard "+-*/%~|.,:;()[]{}<>=".utf8.contains(byte) else {
            throw TemplateError("unexpected character '\(Character(Unicode.Scalar(byte)))'", line: line)
        }
        index += 1
        return .symbol(String(Character(Unicode.Scalar(byte))))
    }

    /// The most bytes of a name, which is a key of dictionaries.
    private static let longestName = 256

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || (0x09...0x0d).contains(byte)
    }

    static func isDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte)
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte) || byte == 0x5f || byte >= 0x80
    }
}
