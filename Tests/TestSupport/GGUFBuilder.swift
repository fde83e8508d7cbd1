/// Puts the bytes of a GGUF file together, sound or lying.
package struct GGUFBuilder {
    /// A metadata value as the file holds it: the type's number and the bytes.
    package struct Value {
        package let type: UInt32
        package let bytes: [UInt8]

        package init(type: UInt32, bytes: [UInt8]) {
            self.type = type
            self.bytes = bytes
        }

        package static func uint32(_ value: UInt32) -> Value { Value(type: 4, bytes: little(value)) }
        package static func int64(_ value: Int64) -> Value { Value(type: 11, bytes: little(value)) }
        package static func uint64(_ value: UInt64) -> Value { Value(type: 10, bytes: little(value)) }
        package static func float32(_ value: Float) -> Value { Value(type: 6, bytes: little(value.bitPattern)) }
        package static func float64(_ value: Double) -> Value { Value(type: 12, bytes: little(value.bitPattern)) }
        package static func bool(_ value: Bool) -> Value { Value(type: 7, bytes: [value ? 1 : 0]) }
        package static func string(_ value: String) -> Value { Value(type: 8, bytes: text(Array(value.utf8))) }
        package static func strings(_ values: [[UInt8]]) -> Value {
            Value(type: 9, bytes: little(UInt32(8)) + little(UInt64(values.count)) + values.flatMap(text))
        }
        package static func int32s(_ values: [Int32]) -> Value {
            Value(type: 9, bytes: little(UInt32(5)) + little(UInt64(values.count)) + values.flatMap(little))
        }
        package static func float32s(_ values: [Float]) -> Value {
            Value(type: 9, bytes: little(UInt32(6)) + little(UInt64(values.count)) + values.flatMap { little($0.bitPattern) })
        }
    }

    /// A tensor's entry in the header.
    package struct Tensor {
        package var name: [UInt8]
        /// GGUF's order: the innermost dimension first.
        package var dimensions: [UInt64]
        package var type: UInt32 = 0
        package var offset: UInt64 = 0

        package init(_ name: String, _ dimensions: [UInt64], type: UInt32 = 0, offset: UInt64 = 0) {
            self.name = Array(name.utf8)
            self.dimensions = dimensions
            self.type = type
            self.offset = offset
        }
    }

    /// Nothing yet.
    package init() {}

    package var magic: UInt32 = 0x4655_4747
    package var version: UInt32 = 3
    package var entries: [(key: [UInt8], value: Value)] = []
    package var tensors: [Tensor] = []
    package var data: [UInt8] = []
    package var alignment = 32
    /// What the header says where that is not the truth.
    package var tensorCount: UInt64?
    package var entryCount: UInt64?

    package mutating func set(_ key: String, _ value: Value) {
        entries.append((Array(key.utf8), value))
    }

    package var bytes: [UInt8] {
        var bytes = Self.little(magic) + Self.little(version)
        bytes += Self.little(tensorCount ?? UInt64(tensors.count)) + Self.little(entryCount ?? UInt64(entries.count))
        for entry in entries { bytes += Self.text(entry.key) + Self.little(entry.value.type) + entry.value.bytes }
        for tensor in tensors {
            bytes += Self.text(tensor.name) + Self.little(UInt32(tensor.dimensions.count)) + tensor.dimensions.flatMap(Self.little)
            bytes += Self.little(tensor.type) + Self.little(tensor.offset)
        }
        bytes += [UInt8](repeating: 0, count: (alignment - bytes.count % alignment) % alignment)
        return bytes + data
    }

    package static func text(_ bytes: [UInt8]) -> [UInt8] {
        little(UInt64(bytes.count)) + bytes
    }

    package static func little<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian, Array.init)
    }

    /// A small sound file with every kind of value and three tensors.
    package static var sample: GGUFBuilder {
        var builder = GGUFBuilder()
        builder.set("general.architecture", .string("llama"))
        builder.set("a.u32", .uint32(7))
        builder.set("a.i64", .int64(-9))
        builder.set("a.f32", .float32(1.5))
        builder.set("a.f64", .float64(-2.5))
        builder.set("a.bool", .bool(true))
        builder.set("a.strings", .strings([Array("x".utf8), [], [0xff, 0xfe]]))
        builder.set("a.ints", .int32s([1, -2, 3]))
        builder.set("a.floats", .float32s([0.5, -0.5]))
        builder.tensors = [
            Tensor("one", [4, 2], type: 0, offset: 0), Tensor("two", [32], type: 8, offset: 32), Tensor("three", [3], type: 1, offset: 96),
        ]
        builder.data = (0..<102).map { UInt8($0) }
        return builder
    }
}
