/// Reads the JSON of a safetensors header: objects, strings and arrays of whole numbers, which is all the format allows. It never recurses on its own.
struct HeaderScanner {
    private let bytes: UnsafeRawBufferPointer
    private var offset = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// Reads an object; `member` reads each value, after its key was read.
    mutating func object(_ member: (inout HeaderScanner, String) throws(ModelFileError) -> Void) throws(ModelFileError) {
        try expect(UInt8(ascii: "{"))
        if take(UInt8(ascii: "}")) { return }
        repeat {
            let key = try string()
            try expect(UInt8(ascii: ":"))
            try member(&self, key)
        } while take(UInt8(ascii: ","))
        try expect(UInt8(ascii: "}"))
    }

    /// Reads an array of whole numbers of 0 or more.
    mutating func integers(atMost limit: Int) throws(ModelFileError) -> [Int] {
        try expect(UInt8(ascii: "["))
        var values: [Int] = []
        if take(UInt8(ascii: "]")) { return values }
        repeat {
            guard values.count < limit else { throw failure("an array of at most \(limit) numbers") }
            values.append(try integer())
        } while take(UInt8(ascii: ","))
        try expect(UInt8(ascii: "]"))
        return values
    }

    /// Reads a string.
    mutating func string() throws(ModelFileError) -> String {
        try expect(UInt8(ascii: "\""))
        var text: [UInt8] = []
        while true {
            let byte = try next()
            switch byte {
            case UInt8(ascii: "\""):
                guard let string = String(validating: text, as: UTF8.self) else { throw failure("a string of valid UTF-8") }
                return string
            case UInt8(ascii: "\\"): try escape(into: &text)
            case 0..<0x20: throw failure("a string without control characters")
            default: text.append(byte)
            }
        }
    }

    /// Demands that only white space is left: the padding that the format allows.
    mutating func end() throws(ModelFileError) {
        skipSpace()
        guard offset == bytes.count else { throw failure("the end of the header") }
    }

    private mutating func integer() throws(ModelFileError) -> Int {
        skipSpace()
        let start = offset
        var value = 0
        while offset < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[offset]) {
            let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = tens.addingReportingOverflow(Int(bytes[offset] - UInt8(ascii: "0")))
            guard !overflow, !carry else { throw failure("a number below 2^63") }
            value = sum
            offset += 1
        }
        guard offset > start, offset == start + 1 || bytes[start] != UInt8(ascii: "0") else { throw failure("a whole number") }
        return value
    }

    private mutating func escape(into text: inout [UInt8]) throws(ModelFileError) {
        switch try next() {
        case UInt8(ascii: "\""): text.append(UInt8(ascii: "\""))
        case UInt8(ascii: "\\"): text.append(UInt8(ascii: "\\"))
        case UInt8(ascii: "/"): text.append(UInt8(ascii: "/"))
        case UInt8(ascii: "b"): text.append(8)
        case UInt8(ascii: "f"): text.append(12)
        case UInt8(ascii: "n"): text.append(10)
        case UInt8(ascii: "r"): text.append(13)
        case UInt8(ascii: "t"): text.append(9)
        case UInt8(ascii: "u"): text += Array(String(try unicodeEscape()).utf8)
        default: throw failure("a JSON escape")
        }
    }

    private mutating func unicodeEscape() throws(ModelFileError) -> Unicode.Scalar {
        var value = try hexadecimal()
        if (0xd800..<0xdc00).contains(value) {
            guard try next() == UInt8(ascii: "\\"), try next() == UInt8(ascii: "u") else {
                throw failure("the second half of a surrogate pair")
            }
            let low = try hexadecimal()
            guard (0xdc00..<0xe000).contains(low) else { throw failure("the second half of a surrogate pair") }
            value = 0x10000 + (value - 0xd800) << 10 + (low - 0xdc00)
        }
        guard let scalar = Unicode.Scalar(value) else { throw failure("a Unicode scalar") }
        return scalar
    }

    private mutating func hexadecimal() throws(ModelFileError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            let byte = try next()
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { throw failure("four hexadecimal digits") }
            value = value << 4 | UInt32(digit)
        }
        return value
    }

    private mutating func next() throws(ModelFileError) -> UInt8 {
        guard offset < bytes.count else { throw failure("more of the header") }
        defer { offset += 1 }
        return bytes[offset]
    }

    private mutating func skipSpace() {
        while offset < bytes.count {
            switch bytes[offset] {
            case 0x20, 0x09, 0x0a, 0x0d: offset += 1
            default: return
            }
        }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        skipSpace()
        guard offset < bytes.count, bytes[offset] == byte else { return false }
        offset += 1
        return true
    }

    private mutating func expect(_ byte: UInt8) throws(ModelFileError) {
        guard take(byte) else { throw failure("'\(Character(Unicode.Scalar(byte)))'") }
    }

    private func failure(_ expected: String) -> ModelFileError {
        .badFormat("the safetensors header is not as it should be at byte \(8 + offset); expected \(expected)")
    }
}
