/// The types of metadata values, by their numbers in the GGUF specification.
enum GGUFValueType: UInt32 {
    case uint8 = 0
    case int8 = 1
    case uint16 = 2
    case int16 = 3
    case uint32 = 4
    case int32 = 5
    case float32 = 6
    case bool = 7
    case string = 8
    case array = 9
    case uint64 = 10
    case int64 = 11
    case float64 = 12

    /// The size of a value; nil for strings and arrays, whose size varies.
    var byteCount: Int? {
        switch self {
        case .uint8, .int8, .bool: 1
        case .uint16, .int16: 2
        case .uint32, .int32, .float32: 4
        case .uint64, .int64, .float64: 8
        case .string, .array: nil
        }
    }

    /// The fewest bytes that a value takes: an empty string is its length, an empty array the type of its elements and their number.
    var minimumSize: Int {
        byteCount ?? (self == .string ? 8 : 12)
    }
}
