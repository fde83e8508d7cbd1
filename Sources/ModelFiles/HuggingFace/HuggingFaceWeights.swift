/// The safetensors files of a folder: one, or several with an index.
struct HuggingFaceWeights {
    private(set) var files: [MappedFile] = []
    private(set) var tensors: [TensorDescription] = []

    private static let single = "model.safetensors"
    private static let index = "model.safetensors.index.json"

    init(folder: String) throws(ModelFileError) {
        let (single, index) = (HuggingFaceFolder.file(Self.single, in: folder), HuggingFaceFolder.file(Self.index, in: folder))
        if FileStatus.exists(single) {
            try add(single) { _ in true }
        } else if FileStatus.exists(index) {
            try addAll(index: index, folder: folder)
        } else {
            throw .badFormat(
                "\(folder.quoted) has neither \(Self.single) nor \(Self.index); other formats of weights are not read from folders"
            )
        }
    }

    private mutating func addAll(index: String, folder: String) throws(ModelFileError) {
        guard let members = try JSONTree(path: index)["weight_map"]?.members else {
            throw .badFormat("\(index.quoted) lacks the object 'weight_map'")
        }
        var places: [String: String] = [:]
        for member in members {
            try NameLimit.check(member.name, "tensor name")
            guard let file = member.value.string, (1...255).contains(file.utf8.count), !file.utf8.contains(UInt8(ascii: "/")), file != "..",
                file != "."
            else {
                throw .badFormat("\(index.quoted) has tensor \(member.name.quoted) in no file of its folder")
            }
            places[member.name] = file
        }
        for file in Set(places.values).sorted() {
            try add(HuggingFaceFolder.file(file, in: folder)) { places[$0] == file }
        }
        let found = Set(tensors.map(\.name))
        if let missing = places.keys.filter({ !found.contains($0) }).min() { throw .missingTensor(missing) }
    }

    private mutating func add(_ path: String, _ isWanted: (String) -> Bool) throws(ModelFileError) {
        let file: SafetensorsFile
        do {
            file = try SafetensorsFile(path: path)
        } catch {
            switch error {
            // Those name the file already.
            case .missingFile, .system: throw error
            default: throw .part(path: path, error)
            }
        }
        guard let mapping = file.mapping else { return }
        for tensor in file.tensors.values.sorted(by: { $0.bytes.lowerBound < $1.bytes.lowerBound }) where isWanted(tensor.name) {
            guard let type = TensorType(rawValue: tensor.type.rawValue) else {
                throw .unsupportedType(tensor: tensor.name, type: tensor.type.rawValue, supported: "F32, F16, BF16")
            }
            tensors.append(
                TensorDescription(name: tensor.name, type: type, shape: tensor.shape, bytes: tensor.bytes, file: files.count)
            )
        }
        files.append(mapping)
    }
}
