/// Reads strict JSON (RFC 8259), value by value. It never recurses on its own.
struct JSONScanner {
    let bytes: UnsafeRawBufferPointer
    private(set) var offset = 0
    /// What is read, for errors: "the safetensors header".
    private let what: String
    /// Where it begins in its file.
    private let origin: Int

    init(_ bytes: UnsafeRawBufferPointer, what: String, origin: Int = 0) {
        self.bytes = bytes
        self.what = what
        self.origin = origin
    }

    /// Reads an object; `member` reads each value, after its key was read.
    mutating func object(_ member: (inout JSONScanner, String) throws(ModelFileError) -> Void) throws(ModelFileError) {
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

    /// Reads an array; `element` reads each value.
    mutating func array(_ element: (inout JSONScanner) throws(ModelFileError) -> Void) throws(ModelFileError) {
        try expect(UInt8(ascii: "["))
        if take(UInt8(ascii: "]")) { return }
        repeat { try element(&self) } while take(UInt8(ascii: ","))
        try expect(UInt8(ascii: "]"))
    }

    /// The first byte of the next value; nil at the end.
    mutating func peek() -> UInt8? {
        skipSpace()
        return offset < bytes.count ? bytes[offset] : nil
    }

    /// Takes a word, such as `true`, if it comes next.
    mutating func take(word: StaticString) -> Bool {
        skipSpace()
        guard bytes.count - offset >= word.utf8CodeUnitCount else { return false }
        for index in 0..<word.utf8CodeUnitCount where bytes[offset + index] != word.utf8Start[index] { return false }
        offset += word.utf8CodeUnitCount
        return true
    }

    /// Reads a string.
    mutating func string() throws(ModelFileError) -> String {
        try expect(UInt8(ascii: "\""))
        let start = offset
        while offset < bytes.count, bytes[offset] != UInt8(ascii: "\""), bytes[offset] != UInt8(ascii: "\\"), bytes[offset] >= 0x20 {
            offset += 1
        }
        if offset < bytes.count, bytes[offset] == UInt8(ascii: "\"") {
            defer { offset += 1 }
            return try text(UnsafeRawBufferPointer(rebasing: bytes[start..<offset]))
        }
        var unescaped = [UInt8](bytes[start..<offset])
        while true {
            let byte = try next()
            switch byte {
            case UInt8(ascii: "\""): return try text(unescaped)
            case UInt8(ascii: "\\"): try escape(into: &unescaped)
            case 0..<0x20: throw failure("a string without control characters")
            default: unescaped.append(byte)
            }
        }
    }

    private func text(_ bytes: some Collection<UInt8>) throws(ModelFileError) -> String {
        guard let string = String(validating: bytes, as: UTF8.self) else { throw failure("a string of valid UTF-8") }
        return string
    }

    /// Reads a number; what a double does not hold becomes infinite.
    mutating func number() throws(ModelFileError) -> Double {
        skipSpace()
        let start = offset
        _ = takeByte(UInt8(ascii: "-"))
        let whole = digits()
        guard whole > 0, whole == 1 || bytes[offset - whole] != UInt8(ascii: "0") else { throw failure("a number") }
        if takeByte(UInt8(ascii: ".")) { guard digits() > 0 else { throw failure("a number") } }
        if takeByte(UInt8(ascii: "e")) || takeByte(UInt8(ascii: "E")) {
            _ = takeByte(UInt8(ascii: "-")) || takeByte(UInt8(ascii: "+"))
            guard digits() > 0 else { throw failure("a number") }
        }
        guard let value = Double(String(decoding: bytes[start..<offset], as: UTF8.self)) else { throw failure("a number") }
        return value
    }

    private mutating func digits() -> Int {
        let start = offset
        while offset < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[offset]) { offset += 1 }
        return offset - start
    }

    private mutating func takeByte(_ byte: UInt8) -> Bool {
        guard offset < bytes.count, bytes[offset] == byte else { return false }
        offset += 1
        return true
    }

    /// Demands that only white space is left: the padding that the format allows.
    mutating func end() throws(ModelFileError) {
        skipSpace()
        guard offset == bytes.count else { throw failure("the end") }
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
        guard offset < bytes.count else { throw failure("more") }
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
        return takeByte(byte)
    }

    private mutating func expect(_ byte: UInt8) throws(ModelFileError) {
        guard take(byte) else { throw failure("'\(Character(Unicode.Scalar(byte)))'") }
    }

    /// What is thrown where something else was expected.
    func failure(_ expected: String) -> ModelFileError {
        .badFormat("\(what) is not as it should be at byte \(origin + offset); expected \(expected)")
    }
}
