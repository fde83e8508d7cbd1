/// A model in several GGUF files, as llama.cpp's gguf-split writes it.
enum GGUFSplit {
    static let countKey = "split.count"
    private static let numberKey = "split.no"
    private static let tensorsKey = "split.tensors.count"
    private static let maximumCount = 1024

    /// Opens the other parts of a model.
    ///
    /// - Parameter count: how many parts the first says that there are.
    static func join(_ first: GGUFFile, path: String, count: Int) throws(ModelFileError) -> GGUFFile {
        guard count <= maximumCount else {
            throw .tooLarge(what: "metadata key '\(countKey)'", value: UInt64(count), limit: UInt64(maximumCount))
        }
        let number = try first.integer(numberKey) ?? 0
        guard number == 0 else {
            throw .badFormat("\(path.quoted) is part \(number + 1) of \(count); expected the first, which the others are found by")
        }
        let suffix = "-\(digits(1))-of-\(digits(count)).gguf"
        guard path.hasSuffix(suffix) else {
            throw .badFormat("\(path.quoted) is the first of \(count) parts; expected a name that ends in \(suffix)")
        }
        var (parts, tensors) = ([first], first.tensors)
        for index in 1..<count {
            let part = try open("\(path.dropLast(suffix.count))-\(digits(index + 1))-of-\(digits(count)).gguf", index: index, count: count)
            for tensor in part.tensors.values {
                let moved = TensorDescription(name: tensor.name, type: tensor.type, shape: tensor.shape, bytes: tensor.bytes, file: index)
                guard tensors.updateValue(moved, forKey: tensor.name) == nil else {
                    throw .part(path: part.file.path, .duplicate(what: "tensor", name: tensor.name))
                }
            }
            parts.append(part)
        }
        if let expected = try first.integer(tensorsKey), expected != tensors.count {
            throw .badFormat("the \(count) parts of \(path.quoted) have \(tensors.count) tensors; expected \(expected)")
        }
        return GGUFFile(parts: parts, tensors: tensors)
    }

    /// Opens a part, and checks that it says which it is.
    private static func open(_ path: String, index: Int, count: Int) throws(ModelFileError) -> GGUFFile {
        do throws(ModelFileError) {
            let part = try GGUFFile(part: path)
            guard try part.integer(numberKey) == index, try part.integer(countKey) == count else {
                throw .badFormat("the file does not say that it is part \(index + 1) of \(count)")
            }
            return part
        } catch {
            switch error {
            // Those name the file already.
            case .missingFile, .system: throw error
            default: throw .part(path: path, error)
            }
        }
    }

    /// Five digits.
    private static func digits(_ number: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, 5 - text.count)) + text
    }
}
