/// A model's tensors and metadata, under the names that GGUF has for them, whatever the files that they come from.
public protocol ModelSource: Sendable {
    /// The files, in the order of ``TensorDescription/file``.
    var files: [MappedFile] { get }
    /// The tensors by name.
    var tensors: [String: TensorDescription] { get }
    /// How its weights differ from those of a GGUF file.
    var conventions: WeightConventions { get }

    /// The names of all metadata keys, sorted.
    var keys: [String] { get }
    /// A metadata value of any type; nil where the key is absent.
    func value(_ key: String) throws(ModelFileError) -> MetadataValue?
    /// A string value; nil where the key is absent.
    func string(_ key: String) throws(ModelFileError) -> String?
    /// An integer of any width; nil where the key is absent.
    func integer(_ key: String) throws(ModelFileError) -> Int?
    /// A number of any type; nil where the key is absent.
    func float(_ key: String) throws(ModelFileError) -> Double?
    /// A truth value; nil where the key is absent.
    func bool(_ key: String) throws(ModelFileError) -> Bool?
    /// An array of strings as bytes; nil where the key is absent.
    func strings(_ key: String) throws(ModelFileError) -> [[UInt8]]?
    /// An array of integers of any width; nil where the key is absent.
    func integers(_ key: String) throws(ModelFileError) -> [Int]?
    /// An array of numbers of any type; nil where the key is absent.
    func floats(_ key: String) throws(ModelFileError) -> [Float]?
    /// A vector that the metadata hold and no tensor does; nil where there is none of that name.
    func vector(_ name: String) -> [Float]?
    /// What the files themselves call a key or a tensor, by GGUF's name; for errors.
    func ownName(of name: String) -> String
}

extension ModelSource {
    /// GGUF's name.
    public func ownName(of name: String) -> String {
        name
    }

    /// The tensor of that name.
    ///
    /// - Throws: ``ModelFileError/missingTensor(_:)``
    public func tensor(_ name: String) throws(ModelFileError) -> TensorDescription {
        guard let tensor = tensors[name] else { throw .missingTensor(name) }
        return tensor
    }

    /// A tensor's bytes, borrowed, and the file that keeps them valid. A description of another model gives no bytes where it does not fit this one.
    public func storage(of tensor: TensorDescription) -> (bytes: UnsafeRawBufferPointer, file: MappedFile?) {
        guard files.indices.contains(tensor.file) else { return (UnsafeRawBufferPointer(start: nil, count: 0), nil) }
        let file = files[tensor.file]
        guard tensor.bytes.lowerBound >= 0, tensor.bytes.upperBound <= file.bytes.count else {
            return (UnsafeRawBufferPointer(start: nil, count: 0), file)
        }
        return (UnsafeRawBufferPointer(rebasing: file.bytes[tensor.bytes]), file)
    }
}
