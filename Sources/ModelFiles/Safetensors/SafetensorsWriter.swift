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

    /// A file's bytes. The same tensors and metadata give the same bytes, in whatever order they come: metadata is sorted by key, tensors by
    /// the size of their elements, the largest first, then by name, as the format's own library has it. So every tensor is aligned to its
    /// elements, for the data starts at a multiple of 8.
    ///
    /// - Throws: ``ModelFileError`` where two tensors share a name, a tensor's bytes do not fit its shape, or the header becomes too long to be read.
    public static func encode(tensors: [Tensor], metadata: [String: String] = [:]) throws(ModelFileError) -> [UInt8] {
        let tensors = tensors.sorted { first, second in
            first.type.byteCount != second.type.byteCount
                ? first.type.byteCount > second.type.byteCount : first.name.utf8.lexicographicallyPrecedes(second.name.utf8)
        }
        let header = try header(tensors, metadata)
        var file = withUnsafeBytes(of: UInt64(header.count).littleEndian, Array.init)
        file.reserveCapacity(8 + header.count + tensors.reduce(0) { $0 + $1.bytes.count })
        file += header
        for tensor in tensors { file += tensor.bytes }
        return file
    }

    /// Writes a file that is there whole or not at all; see ``AtomicFile``. Blocks: not for the cooperative pool.
    ///
    /// - Throws: ``ModelFileError`` as of ``encode(tensors:metadata:)``, or where the file cannot be written.
    public static func write(tensors: [Tensor], metadata: [String: String] = [:], to path: String) throws(ModelFileError) {
        try AtomicFile.replace(path, with: try encode(tensors: tensors, metadata: metadata))
    }

    /// The JSON, padded with spaces to a multiple of 8 bytes.
    private static func header(_ tensors: [Tensor], _ metadata: [String: String]) throws(ModelFileError) -> [UInt8] {
        var members: [String] = []
        if !metadata.isEmpty {
            let pairs = metadata.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            members.append("\"__metadata__\":{" + pairs.map { "\(json($0.key)):\(json($0.value))" }.joined(separator: ",") + "}")
        }
        var names: Set<String> = ["__metadata__"]
        var offset = 0
        for tensor in tensors {
            guard names.insert(tensor.name).inserted else { throw .duplicate(what: "tensor", name: tensor.name) }
            guard tensor.shape.count <= SafetensorsFile.maximumDimensions, tensor.type.byteCount(shape: tensor.shape) == tensor.bytes.count
            else {
                throw .badTensor(name: tensor.name, reason: "has \(tensor.bytes.count) bytes, which do not fit shape \(tensor.shape)")
            }
            let shape = tensor.shape.map(String.init).joined(separator: ",")
            let end = offset + tensor.bytes.count
            members.append(
                "\(json(tensor.name)):{\"dtype\":\"\(tensor.type.rawValue)\",\"shape\":[\(shape)],\"data_offsets\":[\(offset),\(end)]}"
            )
            offset = end
        }
        var header = Array("{\(members.joined(separator: ","))}".utf8)
        header += [UInt8](repeating: 0x20, count: (8 - header.count % 8) % 8)
        guard header.count <= SafetensorsFile.maximumHeaderSize else {
            throw .tooLarge(what: "the header's length", value: UInt64(header.count), limit: UInt64(SafetensorsFile.maximumHeaderSize))
        }
        return header
    }

    /// A JSON string.
    private static func json(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case _ where scalar.value < 0x20: result += "\\u00\(scalar.value < 0x10 ? "0" : "")\(String(scalar.value, radix: 16))"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
