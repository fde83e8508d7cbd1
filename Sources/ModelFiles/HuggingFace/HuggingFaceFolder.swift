/// A model as Hugging Face's transformers saves it: a folder of `config.json`, weights in safetensors, and a tokenizer.
///
/// The weights are mapped where they lie; their names and the configuration are translated to GGUF's. What has no translation keeps its name, so that
/// it is refused by name where the model is built.
public struct HuggingFaceFolder: ModelSource {
    /// Where the folder is.
    public let path: String
    /// `config.json`.
    public let configuration: HuggingFaceConfiguration
    /// The mapped files of weights.
    public let files: [MappedFile]
    /// The tensors by GGUF's names.
    public let tensors: [String: TensorDescription]
    /// What differs from GGUF.
    public let conventions: WeightConventions
    private let metadata: [String: MetadataValue]
    private let vectors: [String: [Float]]
    private let names: HuggingFaceNames
    /// What the folder calls keys and tensors.
    private let ownNames: [String: String]

    /// Opens a folder.
    ///
    /// - Throws: ``ModelFileError``: a file is missing or damaged, or the configuration is of a kind that is not supported.
    public init(path: String) throws(ModelFileError) {
        let configuration = try HuggingFaceConfiguration(path: Self.file("config.json", in: path))
        let architecture = try HuggingFaceArchitecture(configuration)
        let weights = try HuggingFaceWeights(folder: path)
        var (tensors, ownNames) = ([String: TensorDescription](), architecture.ownKeys)
        for tensor in weights.tensors {
            guard let name = architecture.names.translate(tensor.name) else { continue }
            let renamed = TensorDescription(name: name, type: tensor.type, shape: tensor.shape, bytes: tensor.bytes, file: tensor.file)
            ownNames[name] = tensor.name
            guard tensors.updateValue(renamed, forKey: name) == nil else { throw .duplicate(what: "tensor", name: tensor.name) }
        }
        // Where the two are one, a copy of the embeddings under the other name says nothing.
        if architecture.sharesEmbeddings, tensors["token_embd.weight"] != nil { tensors["output.weight"] = nil }
        self.path = path
        self.configuration = configuration
        self.tensors = tensors
        self.ownNames = ownNames
        names = architecture.names
        files = weights.files
        conventions = architecture.conventions
        metadata = architecture.metadata
        vectors = architecture.vectors
    }

    /// The path of a file in a folder.
    static func file(_ name: String, in folder: String) -> String {
        folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
    }

    /// The path of one of the folder's files; nil where it is absent.
    public func file(_ name: String) -> String? {
        let path = Self.file(name, in: path)
        return FileStatus.exists(path) ? path : nil
    }

    /// The names of all metadata keys, sorted.
    public var keys: [String] {
        metadata.keys.sorted()
    }

    /// A metadata value of any type; nil where the key is absent.
    public func value(_ key: String) throws(ModelFileError) -> MetadataValue? {
        metadata[key]
    }

    /// What the folder calls what GGUF has that name for.
    public func ownName(of name: String) -> String {
        ownNames[name] ?? names.original(of: name)
    }

    /// A vector of the configuration, such as LongRoPE's factors; nil where there is none of that name.
    public func vector(_ name: String) -> [Float]? {
        vectors[name]
    }
}
