extension GGUFFile {
    static func readVersion(_ cursor: inout GGUFCursor) throws(ModelFileError) -> UInt32 {
        let magic = try cursor.read(UInt32.self, "the magic number")
        guard magic == 0x4655_4747 else { throw .badFormat("this is not a GGUF file: it does not start with 'GGUF'") }
        let version = try cursor.read(UInt32.self, "the version")
        if version != 0, version & 0xffff == 0 {
            throw .badFormat("this GGUF file is big-endian, which is not supported")
        }
        guard version == 2 || version == 3 else { throw .badFormat("this GGUF file has version \(version); expected 2 or 3") }
        return version
    }

    static func readEntries(_ count: Int, _ cursor: inout GGUFCursor) throws(ModelFileError) -> [String: GGUFEntry] {
        var entries: [String: GGUFEntry] = [:]
        for index in 0..<count {
            let key = try cursor.readName("the name of metadata key \(index)")
            let entry = try cursor.readEntry(key)
            guard entries.updateValue(entry, forKey: key) == nil else { throw .duplicate(what: "metadata key", name: key) }
        }
        return entries
    }

    static func alignment(_ entries: [String: GGUFEntry], _ bytes: UnsafeRawBufferPointer) throws(ModelFileError) -> Int {
        let key = "general.alignment"
        guard let entry = entries[key] else { return 32 }
        guard GGUFScalar.integers.contains(entry.type) else {
            throw .wrongType(key: key, found: entry.typeName, expected: "integer")
        }
        guard let value = GGUFScalar(entry.type, bytes, entry.bytes.lowerBound).integer, (1...65536).contains(value),
            value & (value - 1) == 0
        else {
            throw .badFormat("metadata key '\(key)' is not a power of two from 1 to 65536")
        }
        return value
    }

    /// Gives every tensor its place in the file: inside it, aligned, and apart from all others.
    static func place(
        _ infos: [GGUFTensorInfo],
        headerEnd: Int,
        alignment: Int,
        fileSize: Int
    ) throws(ModelFileError) -> [String: TensorDescription] {
        let dataStart = (headerEnd + alignment - 1) / alignment * alignment
        var tensors: [String: TensorDescription] = [:]
        tensors.reserveCapacity(infos.count)
        for info in infos {
            guard let size = info.type.byteCount(shape: info.shape) else {
                let reason = "has shape \(info.shape), which is too large or not whole blocks of \(info.type.blockSize)"
                throw .badTensor(name: info.name, reason: reason)
            }
            guard info.offset % UInt64(alignment) == 0 else {
                throw .badTensor(name: info.name, reason: "starts at \(info.offset), which is not a multiple of \(alignment)")
            }
            guard let offset = Int(exactly: info.offset), dataStart <= fileSize, offset <= fileSize - dataStart,
                size <= fileSize - dataStart - offset
            else {
                throw .badTensor(
                    name: info.name,
                    reason: "takes \(size) bytes from \(info.offset) on, but the file has \(max(0, fileSize - dataStart)) bytes of data"
                )
            }
            let start = dataStart + offset
            let tensor = TensorDescription(name: info.name, type: info.type, shape: info.shape, bytes: start..<start + size)
            guard tensors.updateValue(tensor, forKey: info.name) == nil else { throw .duplicate(what: "tensor", name: info.name) }
        }
        // Of two that overlap, sorted by place, some two neighbours overlap too, for every tensor has a byte at least.
        let sorted = tensors.values.sorted { ($0.bytes.lowerBound, $0.name) < ($1.bytes.lowerBound, $1.name) }
        for (first, second) in zip(sorted, sorted.dropFirst()) where first.bytes.upperBound > second.bytes.lowerBound {
            throw .badTensor(name: second.name, reason: "overlaps tensor \(first.name.quoted)")
        }
        return tensors
    }
}
