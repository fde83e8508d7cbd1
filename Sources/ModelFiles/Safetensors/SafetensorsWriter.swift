import Foundation

/// Writes the safetensors format.
public enum SafetensorsWriter {
    /// A tensor to be written.
    public struct Tensor: Sendable {
        /// The tensor's name.
        public let name: String
        /// The type of its elements.
        public let type: SafetensorsType
        /// Row-major, outermost dimension first.
        public let shape: [Int]
        /// The elements, little-endian.
        public let bytes: [UInt8]

        /// Describes a tensor whose bytes are ready.
        public init(name: String, type: SafetensorsType, shape: [Int], bytes: [UInt8]) {
            self.name = name
            self.type = type
            self.shape = shape
            self.bytes = bytes
        }

        /// Makes an F32 tensor.
        public init(name: String, shape: [Int], floats: [Float]) {
            self.init(
                name: name,
                type: .f32,
                shape: shape,
                bytes: floats.flatMap { withUnsafeBytes(of: $0.bitPattern.littleEndian, Array.init) }
            )
        }
    }

    /// A file's bytes. The same input gives the same bytes: metadata is sorted by key, tensors stay in their order, the data starts at a multiple of 8.
    ///
    /// - Throws: ``ModelFileError`` where two tensors share a name or a tensor's bytes do not fit its shape.
    public static func encode(tensors: [Tensor], metadata: [String: String] = [:]) throws(ModelFileError) -> [UInt8] {
        var members: [String] = []
        if !metadata.isEmpty {
            let pairs = metadata.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            members.append("\"__metadata__\":{" + pairs.map { "\(quoted($0.key)):\(quoted($0.value))" }.joined(separator: ",") + "}")
        }
        var names: Set<String> = ["__metadata__"]
        var offset = 0
        for tensor in tensors {
            guard names.insert(tensor.name).inserted else { throw .duplicate(what: "tensor", name: tensor.name) }
            let size = tensor.shape.reduce(tensor.type.byteCount) { $0.multipliedReportingOverflow(by: $1).overflow ? -1 : $0 * $1 }
            guard size == tensor.bytes.count else {
                throw .badTensor(name: tensor.name, reason: "has \(tensor.bytes.count) bytes, which do not fit shape \(tensor.shape)")
            }
            let shape = tensor.shape.map(String.init).joined(separator: ",")
            members.append(
                "\(quoted(tensor.name)):{\"dtype\":\"\(tensor.type.rawValue)\",\"shape\":[\(shape)],\"data_offsets\":[\(offset),\(offset + size)]}"
            )
            offset += size
        }
        var header = Array("{\(members.joined(separator: ","))}".utf8)
        header += [UInt8](repeating: 0x20, count: (8 - header.count % 8) % 8)
        var file = withUnsafeBytes(of: UInt64(header.count).littleEndian, Array.init)
        file.reserveCapacity(8 + header.count + offset)
        file += header
        for tensor in tensors { file += tensor.bytes }
        return file
    }

    /// A JSON string.
    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case _ where scalar.value < 0x20: result += String(format: "\\u%04x", scalar.value)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
