/// Reads a JSON document (RFC 8259) from bytes. Depth is bounded while parsing, so that hostile nesting cannot exhaust the stack.
package struct JSONParser {
    /// How deep arrays and objects may be nested.
    package static let defaultDepth = 64

    private let bytes: [UInt8]
    private var position: Int
    private let maximumDepth: Int

    /// Parses a whole document; a byte-order mark before it is passed over.
    package static func parse(_ bytes: [UInt8], maximumDepth: Int = defaultDepth) throws(JSONParseError) -> JSONValue {
        var parser = JSONParser(bytes: bytes, position: bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0, maximumDepth: maximumDepth)
        let value = try parser.value(depth: 0)
        parser.skipSpace()
        if let byte = parser.peek {
            throw .unexpectedByte(byte, offset: parser.position, expected: "the end of the document")
        }
        return value
    }

    /// Parses a whole document from text.
    package static func parse(_ text: String) throws(JSONParseError) -> JSONValue {
        try parse(Array(text.utf8))
    }

    private var peek: UInt8? {
        position < bytes.count ? bytes[position] : nil
    }

    private mutating func skipSpace() {
        while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            position += 1
        }
    }

    private func unexpected(_ expected: String) -> JSONParseError {
        guard let byte = peek else { return .unexpectedEnd }
        return .unexpectedByte(byte, offset: position, expected: expected)
    }

    private mutating func value(depth: Int) throws(JSONParseError) -> JSONValue {
        skipSpace()
        guard let byte = peek else { throw .unexpectedEnd }
        switch byte {
        case UInt8(ascii: "{"): return try object(depth: depth + 1)
        case UInt8(ascii: "["): return try array(depth: depth + 1)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
        default: throw unexpected("a value")
        }
    }

    private mutating func literal(_ word: StaticString, _ value: JSONValue) throws(JSONParseError) -> JSONValue {
        for index in 0..<word.utf8CodeUnitCount {
            guard peek == word.utf8Start[index] else { throw unexpected("\(word)") }
            position += 1
        }
        return value
    }

    private mutating func object(depth: Int) throws(JSONParseError) -> JSONValue {
        guard depth <= maximumDepth else { throw .tooDeep(limit: maximumDepth) }
        position += 1
        var members = JSONObject()
        skipSpace()
        if peek == UInt8(ascii: "}") {
            position += 1
            return .object(members)
        }
        while true {
            skipSpace()
            guard peek == UInt8(ascii: "\"") else { throw unexpected("a member's name") }
            let name = JSONKey(try string())
            skipSpace()
            guard peek == UInt8(ascii: ":") else { throw unexpected("':'") }
            position += 1
            members[name] = try value(depth: depth)
            skipSpace()
            switch peek {
            case UInt8(ascii: ","): position += 1
            case UInt8(ascii: "}"):
                position += 1
                return .object(members)
            default: throw unexpected("',' or '}'")
            }
        }
    }

    private mutating func array(depth: Int) throws(JSONParseError) -> JSONValue {
        guard depth <= maximumDepth else { throw .tooDeep(limit: maximumDepth) }
        position += 1
        var elements: [JSONValue] = []
        skipSpace()
        if peek == UInt8(ascii: "]") {
            position += 1
            return .array(elements)
        }
        while true {
            elements.append(try value(depth: depth))
            skipSpace()
            switch peek {
            case UInt8(ascii: ","): position += 1
            case UInt8(ascii: "]"):
                position += 1
                return .array(elements)
            default: throw unexpected("',' or ']'")
            }
        }
    }

    private mutating func number() throws(JSONParseError) -> JSONNumber {
        let start = position
        var isInteger = true
        if peek == UInt8(ascii: "-") { position += 1 }
        if peek == UInt8(ascii: "0") {
            position += 1
        } else {
            try digits()
        }
        if peek == UInt8(ascii: ".") {
            isInteger = false
            position += 1
            try digits()
        }
        if peek == UInt8(ascii: "e") || peek == UInt8(ascii: "E") {
            isInteger = false
            position += 1
            if peek == UInt8(ascii: "+") || peek == UInt8(ascii: "-") { position += 1 }
            try digits()
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isInteger {
            if let value = Int64(text) { return .integer(value) }
            if let value = UInt64(text) { return .unsigned(value) }
        }
        guard let value = Double(text), value.isFinite else { return .unrepresentable }
        return .float(value)
    }

    private mutating func digits() throws(JSONParseError) {
        let start = position
        while let byte = peek, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
            position += 1
        }
        guard position > start else { throw unexpected("a digit") }
    }

    private mutating func string() throws(JSONParseError) -> String {
        let start = position
        position += 1
        var end = position
        while end < bytes.count, bytes[end] != UInt8(ascii: "\""), bytes[end] != UInt8(ascii: "\\"), bytes[end] >= 0x20 {
            end += 1
        }
        var content = Array(bytes[position..<end])
        position = end
        while true {
            guard let byte = peek else { throw .unexpectedEnd }
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                guard let text = String(validating: content, as: UTF8.self) else { throw .invalidString(offset: start) }
                return text
            case UInt8(ascii: "\\"):
                position += 1
                try escape(into: &content, stringStart: start)
            case 0..<0x20:
                throw unexpected("no control character inside a string")
            default:
                content.append(byte)
                position += 1
            }
        }
    }

    private mutating func escape(into content: inout [UInt8], stringStart: Int) throws(JSONParseError) {
        guard let byte = peek else { throw .unexpectedEnd }
        let plain: UInt8
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): plain = byte
        case UInt8(ascii: "b"): plain = 0x08
        case UInt8(ascii: "f"): plain = 0x0C
        case UInt8(ascii: "n"): plain = 0x0A
        case UInt8(ascii: "r"): plain = 0x0D
        case UInt8(ascii: "t"): plain = 0x09
        case UInt8(ascii: "u"):
            position += 1
            content.append(contentsOf: try escapedScalar(stringStart: stringStart))
            return
        default: throw unexpected("an escape")
        }
        content.append(plain)
        position += 1
    }

    private mutating func escapedScalar(stringStart: Int) throws(JSONParseError) -> [UInt8] {
        let first = try hexadecimal()
        var code = first
        if first & 0xFC00 == 0xD800 {
            guard peek == UInt8(ascii: "\\") else { throw .invalidString(offset: stringStart) }
            position += 1
            guard peek == UInt8(ascii: "u") else { throw .invalidString(offset: stringStart) }
            position += 1
            let second = try hexadecimal()
            guard second & 0xFC00 == 0xDC00 else { throw .invalidString(offset: stringStart) }
            code = 0x10000 + (first & 0x3FF) << 10 + (second & 0x3FF)
        }
        guard let scalar = UnicodeScalar(code) else { throw .invalidString(offset: stringStart) }
        return Array(String(Character(scalar)).utf8)
    }

    private mutating func hexadecimal() throws(JSONParseError) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek else { throw .unexpectedEnd }
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): code = code << 4 | UInt32(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): code = code << 4 | UInt32(byte - UInt8(ascii: "a") + 10)
            case UInt8(ascii: "A")...UInt8(ascii: "F"): code = code << 4 | UInt32(byte - UInt8(ascii: "A") + 10)
            default: throw unexpected("four hexadecimal digits")
            }
            position += 1
        }
        return code
    }
}
