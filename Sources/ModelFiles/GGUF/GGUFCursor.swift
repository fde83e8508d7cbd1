/// Reads a GGUF file from its start; every step is checked against the end.
struct GGUFCursor {
    let bytes: UnsafeRawBufferPointer
    private(set) var offset = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// How many bytes are left.
    var remaining: Int {
        bytes.count - offset
    }

    mutating func read<Value: FixedWidthInteger & BitwiseCopyable>(_ type: Value.Type = Value.self, _ what: @autoclosure () -> String)
        throws(ModelFileError) -> Value
    {
        let range = try skip(MemoryLayout<Value>.size, what())
        return Value(littleEndian: bytes.loadUnaligned(fromByteOffset: range.lowerBound, as: Value.self))
    }

    /// A count of things that take at least `size` bytes each: more than fit the rest of the file is a lie.
    mutating func readCount(of size: Int, _ what: @autoclosure () -> String) throws(ModelFileError) -> Int {
        let value = try read(UInt64.self, what())
        let limit = UInt64(remaining / max(size, 1))
        guard value <= limit else { throw .tooLarge(what: what(), value: value, limit: limit) }
        return Int(value)
    }

    /// The place of a string's bytes.
    mutating func readString(_ what: @autoclosure () -> String) throws(ModelFileError) -> Range<Int> {
        try skip(try readCount(of: 1, "the length of \(what())"), what())
    }

    /// A name: a string that must be valid UTF-8.
    mutating func readName(_ what: @autoclosure () -> String) throws(ModelFileError) -> String {
        let range = try readString(what())
        guard let name = String(validating: bytes[range], as: UTF8.self) else {
            throw .badFormat("\(what()) at byte \(range.lowerBound) is not valid UTF-8")
        }
        return name
    }

    /// Passes over `count` bytes and tells where they are.
    mutating func skip(_ count: Int, _ what: @autoclosure () -> String) throws(ModelFileError) -> Range<Int> {
        guard count >= 0, count <= remaining else { throw .truncated(what: what(), offset: bytes.count) }
        defer { offset += count }
        return offset..<offset + count
    }

    /// Passes over a metadata value and tells what and where it is.
    mutating func readEntry(_ key: String) throws(ModelFileError) -> GGUFEntry {
        let type = try readType(key)
        switch type {
        case .string:
            return GGUFEntry(type: type, bytes: try readString("the value of '\(key)'"))
        case .array:
            let element = try readType(key)
            guard element != .array else { throw .badFormat("metadata key '\(key)' is an array of arrays, which is not supported") }
            let count = try readCount(of: element.byteCount ?? 8, "the length of the array '\(key)'")
            let start = offset
            if let size = element.byteCount {
                _ = try skip(count * size, "the array '\(key)'")
            } else {
                for _ in 0..<count { _ = try readString("the array '\(key)'") }
            }
            return GGUFEntry(type: type, bytes: start..<offset, array: (element, count))
        default:
            return GGUFEntry(type: type, bytes: try skip(type.byteCount ?? 0, "the value of '\(key)'"))
        }
    }

    private mutating func readType(_ key: String) throws(ModelFileError) -> GGUFValueType {
        let number = try read(UInt32.self, "the type of '\(key)'")
        guard let type = GGUFValueType(rawValue: number) else {
            throw .badFormat("metadata key '\(key)' has type number \(number); expected 0 to 12")
        }
        return type
    }
}
