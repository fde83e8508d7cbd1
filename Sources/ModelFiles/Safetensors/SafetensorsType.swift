/// The element types of the safetensors format.
public enum SafetensorsType: String, Sendable, CaseIterable {
    case bool = "BOOL"
    case uint8 = "U8"
    case int8 = "I8"
    case uint16 = "U16"
    case int16 = "I16"
    case uint32 = "U32"
    case int32 = "I32"
    case uint64 = "U64"
    case int64 = "I64"
    case f16 = "F16"
    case bf16 = "BF16"
    case f32 = "F32"
    case f64 = "F64"

    /// The size of one element in bytes.
    public var byteCount: Int {
        switch self {
        case .bool, .uint8, .int8: 1
        case .uint16, .int16, .f16, .bf16: 2
        case .uint32, .int32, .f32: 4
        case .uint64, .int64, .f64: 8
        }
    }

    /// The bytes of a tensor of that shape; nil where a dimension is negative or the size overflows.
    func byteCount(shape: [Int]) -> Int? {
        var size = byteCount
        for dimension in shape {
            let (product, overflow) = size.multipliedReportingOverflow(by: dimension)
            guard dimension >= 0, !overflow else { return nil }
            size = product
        }
        return size
    }
}
