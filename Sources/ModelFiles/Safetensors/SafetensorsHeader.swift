/// The header of a safetensors file, read and checked against the file's size.
struct SafetensorsHeader {
    private(set) var metadata: [String: String] = [:]
    private(set) var tensors: [String: SafetensorsTensor] = [:]

    init(_ bytes: UnsafeRawBufferPointer) throws(ModelFileError) {
        guard bytes.count >= 8 else { throw .truncated(what: "the header's length", offset: bytes.count) }
        let length = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
        let limit = UInt64(min(bytes.count - 8, SafetensorsFile.maximumHeaderSize))
        guard length <= limit else { throw .tooLarge(what: "the header's length", value: length, limit: limit) }
        let dataStart = 8 + Int(length)
        guard length > 0, bytes[8] == UInt8(ascii: "{") else {
            throw .badFormat("this is not a safetensors file: its header does not start with '{'")
        }
        var scanner = JSONScanner(
            UnsafeRawBufferPointer(rebasing: bytes[8..<dataStart]),
            what: "the safetensors header",
            origin: 8
        )
        var hasMetadata = false
        // Strings that look alike are equal to Swift, so names that differ in bytes alone are refused like the same name twice.
        try scanner.object { scanner, key throws(ModelFileError) in
            try NameLimit.check(key, "tensor name")
            if key == "__metadata__" {
                guard !hasMetadata else { throw .duplicate(what: "header key", name: key) }
                hasMetadata = true
                metadata = try Self.metadata(&scanner)
            } else {
                let tensor = try Self.tensor(key, &scanner, dataStart: dataStart, dataSize: bytes.count - dataStart)
                guard tensors.updateValue(tensor, forKey: key) == nil else { throw .duplicate(what: "tensor", name: key) }
            }
        }
        try scanner.end()
        try Self.checkCover(tensors.values.map { $0 }, dataStart..<bytes.count)
    }

    private static func metadata(_ scanner: inout JSONScanner) throws(ModelFileError) -> [String: String] {
        var values: [String: String] = [:]
        try scanner.object { scanner, key throws(ModelFileError) in
            try NameLimit.check(key, "metadata key")
            let value = try scanner.string()
            guard values.updateValue(value, forKey: key) == nil else { throw .duplicate(what: "metadata key", name: key) }
        }
        return values
    }

    private static func tensor(
        _ name: String,
        _ scanner: inout JSONScanner,
        dataStart: Int,
        dataSize: Int
    ) throws(ModelFileError) -> SafetensorsTensor {
        var (type, shape, offsets): (SafetensorsType?, [Int]?, [Int]?)
        try scanner.object { scanner, key throws(ModelFileError) in
            switch key.word {
            case "dtype" where type == nil:
                let text = try scanner.string()
                guard let known = SafetensorsType(rawValue: text.word) else {
                    let supported = SafetensorsType.allCases.map(\.rawValue).joined(separator: ", ")
                    throw .unsupportedType(tensor: name, type: text.quoted, supported: supported)
                }
                type = known
            case "shape" where shape == nil: shape = try scanner.integers(atMost: SafetensorsFile.maximumDimensions)
            case "data_offsets" where offsets == nil: offsets = try scanner.integers(atMost: 2)
            default: throw .badTensor(name: name, reason: "has an unexpected or repeated key \(key.quoted) in the header")
            }
        }
        guard let type, let shape, let offsets, offsets.count == 2 else {
            throw .badTensor(name: name, reason: "lacks dtype, shape or two data_offsets in the header")
        }
        guard let size = type.byteCount(shape: shape) else {
            throw .badTensor(name: name, reason: "has shape \(shape), which is too large")
        }
        guard offsets[0] <= offsets[1], offsets[1] <= dataSize else {
            throw .badTensor(name: name, reason: "has data_offsets \(offsets), but the file has \(dataSize) bytes of data")
        }
        guard offsets[1] - offsets[0] == size else {
            throw .badTensor(
                name: name,
                reason: "has \(offsets[1] - offsets[0]) bytes, but shape \(shape) of \(type.rawValue) takes \(size)"
            )
        }
        return SafetensorsTensor(name: name, type: type, shape: shape, bytes: dataStart + offsets[0]..<dataStart + offsets[1])
    }

    /// The format wants the tensors to fill the data: bytes that belong to none could hide something.
    private static func checkCover(_ tensors: [SafetensorsTensor], _ data: Range<Int>) throws(ModelFileError) {
        let sorted = tensors.sorted { ($0.bytes.lowerBound, $0.bytes.upperBound) < ($1.bytes.lowerBound, $1.bytes.upperBound) }
        var end = data.lowerBound
        for tensor in sorted {
            guard tensor.bytes.lowerBound >= end else { throw .badTensor(name: tensor.name, reason: "overlaps the tensor before it") }
            guard tensor.bytes.lowerBound == end else { throw .badTensor(name: tensor.name, reason: "leaves a gap before it") }
            end = tensor.bytes.upperBound
        }
        guard end == data.upperBound else {
            throw .badFormat("the file has \(data.upperBound - end) bytes after its last tensor; expected none")
        }
    }
}
