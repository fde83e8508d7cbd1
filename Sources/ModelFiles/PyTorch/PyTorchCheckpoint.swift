/// The tensors of a PyTorch checkpoint (`.pth`, `.pt`): a zip archive with a pickle that describes them, as `torch.save` writes since version 1.6.
///
/// The pickle is read by a reader that knows only tensors and dictionaries, and executes nothing.
public struct PyTorchCheckpoint: Sendable {
    /// A tensor's numbers, in the order of its shape, as F32.
    public struct Tensor: Sendable, Equatable {
        /// Outermost dimension first.
        public let shape: [Int]
        /// The numbers, row-major.
        public let values: [Float]
    }

    /// The tensors by their names; those within dictionaries of the checkpoint have the dictionaries' names before theirs, with dots between.
    public let tensors: [String: Tensor]

    private static let (depthLimit, itemLimit) = (16, 100_000)
    /// More numbers than any value function has. A view may repeat the numbers of its storage, but a small file does not become a large one.
    private static let (valueLimit, smallLimit, repetitionLimit) = (1 << 28, 1 << 16, 16)

    /// Reads a checkpoint.
    ///
    /// - Throws: ``ModelFileError``: what is damaged, or is not read here.
    public init(path: String) throws(ModelFileError) {
        let file = try MappedFile(path: path)
        let archive = try ZipArchive(file.bytes)
        guard let pickle = archive.entries.keys.filter({ $0.hasSuffix("/data.pkl") || $0 == "data.pkl" }).min() else {
            throw .badFormat("the zip archive has no data.pkl: it is no PyTorch checkpoint")
        }
        let folder = String(pickle.dropLast("data.pkl".count))
        if archive.entries[folder + "byteorder"] != nil {
            guard try archive.content(folder + "byteorder").elementsEqual("little".utf8) else {
                throw .badFormat("the checkpoint was written on a big-endian machine, which is not read")
            }
        }
        let found = try PickleReader.read(try archive.content(pickle)) { value throws(ModelFileError) in
            guard case .dictionary(let root) = value else {
                throw .badFormat("the checkpoint is no dictionary of tensors; save the state_dict")
            }
            var (found, visited) = ([String: PickleTensor](), 0)
            try Self.collect(root, prefix: "", depth: 0, into: &found, visited: &visited)
            return found
        }
        let limit = min(Self.smallLimit + Self.repetitionLimit * file.bytes.count, Self.valueLimit)
        // The checksum of a storage is computed once, however many tensors look at it.
        var (tensors, total, storages) = ([String: Tensor](), 0, [String: UnsafeRawBufferPointer]())
        for (name, description) in found.sorted(by: { $0.key < $1.key }) {
            let storage: UnsafeRawBufferPointer
            if let known = storages[description.key] {
                storage = known
            } else {
                storage = try archive.content("\(folder)data/\(description.key)")
                storages[description.key] = storage
            }
            let tensor = try Self.tensor(name, description, storage, atMost: limit - total)
            total += tensor.values.count
            tensors[name] = tensor
        }
        try file.checkUnchanged()
        self.tensors = tensors
    }

    private static func collect(
        _ dictionary: PickleDictionary,
        prefix: String,
        depth: Int,
        into tensors: inout [String: PickleTensor],
        visited: inout Int
    ) throws(ModelFileError) {
        guard depth < depthLimit else { throw .badFormat("the checkpoint's dictionaries are nested too deeply") }
        for (key, value) in dictionary.items {
            // A dictionary may be in itself, and more than once.
            visited += 1
            guard visited <= itemLimit else { throw .badFormat("the checkpoint's dictionaries have more than \(itemLimit) items") }
            switch value {
            case .tensor(let tensor):
                let name = try name(prefix, key)
                guard tensors.updateValue(tensor, forKey: name) == nil else { throw .duplicate(what: "tensor", name: name) }
            case .dictionary(let inner):
                try collect(inner, prefix: "\(name(prefix, key)).", depth: depth + 1, into: &tensors, visited: &visited)
            default: break
            }
        }
    }

    /// A dictionary's name is part of the names of all that is in it, and may not be long either.
    private static func name(_ prefix: String, _ key: String) throws(ModelFileError) -> String {
        let name = prefix + key
        try NameLimit.check(name, "tensor name")
        return name
    }

    /// The numbers of a view, whatever its strides.
    private static func tensor(
        _ name: String,
        _ tensor: PickleTensor,
        _ storage: UnsafeRawBufferPointer,
        atMost limit: Int
    ) throws(ModelFileError) -> Tensor {
        let (width, available) = (tensor.type.byteCount, storage.count / tensor.type.byteCount)
        var (count, last) = (1, tensor.offset)
        for (size, step) in zip(tensor.shape, tensor.strides) {
            let (product, overflow) = count.multipliedReportingOverflow(by: size)
            let (reach, far) = max(size - 1, 0).multipliedReportingOverflow(by: step)
            let (end, beyond) = last.addingReportingOverflow(reach)
            guard !overflow, !far, !beyond, product <= limit else { throw .badTensor(name: name, reason: "is too large: \(tensor.shape)") }
            (count, last) = (product, end)
        }
        guard count == 0 || last < available else {
            throw .badTensor(name: name, reason: "wants number \(last) of a storage that has \(available)")
        }
        var values: [Float] = []
        values.reserveCapacity(count)
        var place = [Int](repeating: 0, count: tensor.shape.count)
        for _ in 0..<count {
            let index = zip(place, tensor.strides).reduce(tensor.offset) { $0 + $1.0 * $1.1 }
            guard let value = number(tensor.type, storage, at: index * width) else {
                throw .unsupportedType(tensor: name, type: tensor.type.rawValue, supported: "F64, F32, F16, BF16")
            }
            values.append(value)
            for dimension in place.indices.reversed() {
                place[dimension] += 1
                if place[dimension] < tensor.shape[dimension] { break }
                place[dimension] = 0
            }
        }
        return Tensor(shape: tensor.shape, values: values)
    }

    private static func number(_ type: SafetensorsType, _ bytes: UnsafeRawBufferPointer, at offset: Int) -> Float? {
        switch type {
        case .f32: Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
        case .f16: Float(Float16(bitPattern: UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self))))
        case .bf16: Float(bitPattern: UInt32(UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self))) << 16)
        case .f64: Float(Double(bitPattern: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))))
        default: nil
        }
    }
}
