/// A model in GGUF, versions 2 and 3 (the specification is docs/gguf.md of the ggml project), mapped and checked.
///
/// Opening reads the header alone: every count, length, offset, shape and name in it is checked against the file before it is used.
/// Values stay where they are until they are asked for.
///
/// A model may be split into several files, `…-00001-of-00003.gguf` being the first, which has the metadata; opening it opens them all.
public struct GGUFFile: ModelSource {
    /// The file with the metadata: the first.
    public var file: MappedFile {
        files[0]
    }
    /// The mappings, which tensors' bytes are borrowed from; at least one.
    public let files: [MappedFile]
    /// Those of the format.
    public var conventions: WeightConventions {
        WeightConventions()
    }
    /// The version of the format: 2 or 3.
    public let version: UInt32
    /// The tensors by name.
    public let tensors: [String: TensorDescription]
    private let entries: [String: GGUFEntry]

    /// Opens a file.
    ///
    /// - Throws: ``ModelFileError`` that names the key or tensor which is wrong.
    public init(path: String) throws(ModelFileError) {
        let first = try Self(part: path)
        guard let count = try first.integer(GGUFSplit.countKey), count > 1 else {
            self = first
            return
        }
        self = try GGUFSplit.join(first, path: path, count: count)
    }

    /// Joins the parts of a split model.
    init(parts: [GGUFFile], tensors: [String: TensorDescription]) {
        version = parts[0].version
        entries = parts[0].entries
        files = parts.map(\.file)
        self.tensors = tensors
    }

    /// Opens one file.
    init(part path: String) throws(ModelFileError) {
        let file = try MappedFile(path: path)
        var cursor = GGUFCursor(file.bytes)
        version = try Self.readVersion(&cursor)
        let tensorCount = try cursor.readCount(of: GGUFTensorInfo.minimumSize, atMost: GGUFLimits.tensors, "the number of tensors")
        let entryCount = try cursor.readCount(of: 13, atMost: GGUFLimits.keys, "the number of metadata keys")
        let entries = try Self.readEntries(entryCount, &cursor)
        var infos: [GGUFTensorInfo] = []
        infos.reserveCapacity(tensorCount)
        for index in 0..<tensorCount { infos.append(try GGUFTensorInfo(index: index, &cursor)) }
        let alignment = try Self.alignment(entries, file.bytes)
        tensors = try Self.place(infos, headerEnd: cursor.offset, alignment: alignment, fileSize: file.bytes.count)
        try file.checkUnchanged()
        self.entries = entries
        files = [file]
    }

    /// The names of all metadata keys, sorted.
    public var keys: [String] {
        entries.keys.sorted()
    }

    /// A string value; nil where the key is absent.
    ///
    /// - Throws: ``ModelFileError`` where the value is of another type, or not valid UTF-8.
    public func string(_ key: String) throws(ModelFileError) -> String? {
        guard let entry = try entry(key, [.string], "string") else { return nil }
        guard let value = String(validating: file.bytes[entry.bytes], as: UTF8.self) else {
            throw .badFormat("the value of metadata key \(key.quoted) is not valid UTF-8")
        }
        return value
    }

    /// An integer of any width; nil where the key is absent.
    public func integer(_ key: String) throws(ModelFileError) -> Int? {
        guard let entry = try entry(key, GGUFScalar.integers, "integer") else { return nil }
        return try integer(GGUFScalar(entry.type, file.bytes, entry.bytes.lowerBound), key)
    }

    /// A number of any type; nil where the key is absent.
    public func float(_ key: String) throws(ModelFileError) -> Double? {
        guard let entry = try entry(key, GGUFScalar.numbers, "number") else { return nil }
        return GGUFScalar(entry.type, file.bytes, entry.bytes.lowerBound).double
    }

    /// A truth value; nil where the key is absent.
    public func bool(_ key: String) throws(ModelFileError) -> Bool? {
        guard let entry = try entry(key, [.bool], "bool") else { return nil }
        return file.bytes[entry.bytes.lowerBound] != 0
    }

    /// An array of strings as bytes, which need not be valid UTF-8: a vocabulary. Nil where the key is absent.
    public func strings(_ key: String) throws(ModelFileError) -> [[UInt8]]? {
        guard let (entry, count) = try array(key, [.string], "array of strings") else { return nil }
        var values: [[UInt8]] = []
        values.reserveCapacity(count)
        var offset = entry.bytes.lowerBound
        for _ in 0..<count {
            let length = Int(UInt64(littleEndian: file.bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
            values.append([UInt8](file.bytes[offset + 8..<offset + 8 + length]))
            offset += 8 + length
        }
        return values
    }

    /// An array of integers of any width; nil where the key is absent.
    public func integers(_ key: String) throws(ModelFileError) -> [Int]? {
        try scalars(key, GGUFScalar.integers, "array of integers") { scalar throws(ModelFileError) in try integer(scalar, key) }
    }

    /// An array of numbers of any type; nil where the key is absent.
    public func floats(_ key: String) throws(ModelFileError) -> [Float]? {
        try scalars(key, GGUFScalar.numbers, "array of numbers") { scalar throws(ModelFileError) in Float(scalar.double) }
    }

    /// A vector that no tensor holds: there is none.
    public func vector(_ name: String) -> [Float]? {
        nil
    }

    /// A value of any type; nil where the key is absent.
    public func value(_ key: String) throws(ModelFileError) -> MetadataValue? {
        guard let entry = entries[key] else { return nil }
        var cursor = GGUFCursor(file.bytes, at: entry.bytes.lowerBound)
        // The place of a string or an array is that of its content.
        if entry.type == .string { return .string([UInt8](file.bytes[entry.bytes])) }
        if let (element, count) = entry.array { return try cursor.readElements(element, count: count, key) }
        return try cursor.readValue(entry.type, key)
    }

    private func integer(_ scalar: GGUFScalar, _ key: String) throws(ModelFileError) -> Int {
        guard let value = scalar.integer else {
            throw .badFormat("metadata key \(key.quoted) holds an integer beyond 63 bits, which is not supported")
        }
        return value
    }

    private func scalars<Value>(
        _ key: String,
        _ types: Set<GGUFValueType>,
        _ expected: String,
        _ convert: (GGUFScalar) throws(ModelFileError) -> Value
    ) throws(ModelFileError) -> [Value]? {
        guard let (entry, count) = try array(key, types, expected), let element = entry.array?.element else { return nil }
        var values: [Value] = []
        values.reserveCapacity(count)
        for index in 0..<count {
            values.append(try convert(GGUFScalar(element, file.bytes, entry.bytes.lowerBound + index * element.minimumSize)))
        }
        return values
    }

    private func entry(_ key: String, _ types: Set<GGUFValueType>, _ expected: String) throws(ModelFileError) -> GGUFEntry? {
        guard let entry = entries[key] else { return nil }
        guard types.contains(entry.type) else { throw .wrongType(key: key, found: entry.typeName, expected: expected) }
        return entry
    }

    private func array(
        _ key: String,
        _ elements: Set<GGUFValueType>,
        _ expected: String
    ) throws(ModelFileError) -> (GGUFEntry, count: Int)? {
        guard let entry = entries[key] else { return nil }
        guard let (element, count) = entry.array, elements.contains(element) || count == 0 else {
            throw .wrongType(key: key, found: entry.typeName, expected: expected)
        }
        return (entry, count)
    }
}
