/// Reads the header of a GGUF file, from its start or from a value in it; every step is checked against the end.
struct GGUFCursor {
    let bytes: UnsafeRawBufferPointer
    private(set) var offset: Int
    private let end: Int

    init(_ bytes: UnsafeRawBufferPointer, at offset: Int = 0) {
        self.bytes = bytes
        self.offset = offset
        end = min(bytes.count, GGUFLimits.headerBytes)
    }

    /// How many bytes are left.
    private var remaining: Int {
        end - offset
    }

    mutating func read<Value: FixedWidthInteger & BitwiseCopyable>(_ type: Value.Type = Value.self, _ what: @autoclosure () -> String)
        throws(ModelFileError) -> Value
    {
        let range = try skip(MemoryLayout<Value>.size, what())
        return Value(littleEndian: bytes.loadUnaligned(fromByteOffset: range.lowerBound, as: Value.self))
    }

    /// A count of things that take at least `size` bytes each: more than fit the rest of the file is a lie.
    mutating func readCount(of size: Int, atMost most: Int = .max, _ what: @autoclosure () -> String) throws(ModelFileError) -> Int {
        let value = try read(UInt64.self, what())
        let limit = UInt64(min(remaining / max(size, 1), most))
        guard value <= limit else { throw .tooLarge(what: what(), value: value, limit: limit) }
        return Int(value)
    }

    /// The place of a string's bytes.
    mutating func readString(atMost most: Int = .max, _ what: @autoclosure () -> String) throws(ModelFileError) -> Range<Int> {
        try skip(try readCount(of: 1, atMost: most, "the length of \(what())"), what())
    }

    /// A name: a string that must be valid UTF-8. The specification permits keys of 65,535 bytes, which none has.
    mutating func readName(_ what: @autoclosure () -> String) throws(ModelFileError) -> String {
        let range = try readString(atMost: NameLimit.bytes, what())
        guard let name = String(validating: bytes[range], as: UTF8.self) else {
            throw .badFormat("\(what()) at byte \(range.lowerBound) is not valid UTF-8")
        }
        return name
    }

    /// The type of a value or of an array's elements.
    mutating func readType(_ key: String) throws(ModelFileError) -> GGUFValueType {
        let number = try read(UInt32.self, "the type of \(key.quoted)")
        guard let type = GGUFValueType(rawValue: number) else {
            throw .badFormat("metadata key \(key.quoted) has type number \(number); expected 0 to 12")
        }
        return type
    }

    /// Passes over `count` bytes and tells where they are.
    mutating func skip(_ count: Int, _ what: @autoclosure () -> String) throws(ModelFileError) -> Range<Int> {
        guard count >= 0, count <= remaining else {
            guard end == bytes.count else {
                throw .tooLarge(what: "the header, up to \(what()),", value: UInt64(offset) + UInt64(max(count, 0)), limit: UInt64(end))
            }
            throw .truncated(what: what(), offset: bytes.count)
        }
        defer { offset += count }
        return offset..<offset + count
    }
}
