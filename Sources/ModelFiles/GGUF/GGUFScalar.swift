/// A number of a GGUF file, read.
enum GGUFScalar {
    case unsigned(UInt64)
    case signed(Int64)
    case floating(Double)

    /// The types that hold integers.
    static let integers: Set<GGUFValueType> = [.uint8, .int8, .uint16, .int16, .uint32, .int32, .uint64, .int64]
    /// The types that hold numbers.
    static let numbers = integers.union([.float32, .float64])

    /// Reads a value of a fixed size at an offset that was checked before.
    init(_ type: GGUFValueType, _ bytes: UnsafeRawBufferPointer, _ offset: Int) {
        func load<Value: FixedWidthInteger & BitwiseCopyable>(_: Value.Type) -> Value {
            Value(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Value.self))
        }
        switch type {
        case .uint8, .bool: self = .unsigned(UInt64(load(UInt8.self)))
        case .uint16: self = .unsigned(UInt64(load(UInt16.self)))
        case .uint32: self = .unsigned(UInt64(load(UInt32.self)))
        case .uint64: self = .unsigned(load(UInt64.self))
        case .int8: self = .signed(Int64(load(Int8.self)))
        case .int16: self = .signed(Int64(load(Int16.self)))
        case .int32: self = .signed(Int64(load(Int32.self)))
        case .int64: self = .signed(load(Int64.self))
        case .float32: self = .floating(Double(Float(bitPattern: load(UInt32.self))))
        case .float64: self = .floating(Double(bitPattern: load(UInt64.self)))
        case .string, .array: self = .unsigned(0)
        }
    }

    /// The number as an integer; nil where it is none or does not fit.
    var integer: Int? {
        switch self {
        case .unsigned(let value): Int(exactly: value)
        case .signed(let value): Int(exactly: value)
        case .floating: nil
        }
    }

    /// The number as a floating-point one.
    var double: Double {
        switch self {
        case .unsigned(let value): Double(value)
        case .signed(let value): Double(value)
        case .floating(let value): value
        }
    }
}
