extension SafetensorsType {
    /// Every element as F32.
    package func floats(_ bytes: UnsafeRawBufferPointer) -> [Float] {
        func convert<Element: FixedWidthInteger & BitwiseCopyable>(_: Element.Type, _ body: (Element) -> Float) -> [Float] {
            let size = MemoryLayout<Element>.size
            let count = bytes.count / size
            return [Float](unsafeUninitializedCapacity: count) { values, initialized in
                for index in 0..<count {
                    let element = Element(littleEndian: bytes.loadUnaligned(fromByteOffset: index * size, as: Element.self))
                    values.initializeElement(at: index, to: body(element))
                }
                initialized = count
            }
        }
        return switch self {
        case .bool, .uint8: convert(UInt8.self) { Float($0) }
        case .int8: convert(Int8.self) { Float($0) }
        case .uint16: convert(UInt16.self) { Float($0) }
        case .int16: convert(Int16.self) { Float($0) }
        case .uint32: convert(UInt32.self) { Float($0) }
        case .int32: convert(Int32.self) { Float($0) }
        case .uint64: convert(UInt64.self) { Float($0) }
        case .int64: convert(Int64.self) { Float($0) }
        case .f16: convert(UInt16.self) { Float(Float16(bitPattern: $0)) }
        case .bf16: convert(UInt16.self) { Float(bitPattern: UInt32($0) << 16) }
        case .f32: convert(UInt32.self) { Float(bitPattern: $0) }
        case .f64: convert(UInt64.self) { Float(Double(bitPattern: $0)) }
        }
    }
}
