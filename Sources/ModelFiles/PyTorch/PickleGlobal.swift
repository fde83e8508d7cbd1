/// The names that a pickle may use: what makes dictionaries, tensors and storages. Nothing is looked up or called; all others are refused.
enum PickleGlobal: Equatable {
    case orderedDictionary
    case rebuildTensor
    case rebuildParameter
    case storage(SafetensorsType)

    private static let storages: [String: SafetensorsType] = [
        "FloatStorage": .f32, "HalfStorage": .f16, "BFloat16Storage": .bf16, "DoubleStorage": .f64, "LongStorage": .int64,
        "IntStorage": .int32, "ShortStorage": .int16, "CharStorage": .int8, "ByteStorage": .uint8, "BoolStorage": .bool,
    ]

    /// - Throws: ``ModelFileError/badFormat(_:)`` for a name that is not understood.
    init(module: String, name: String) throws(ModelFileError) {
        let (module, name) = (module.word, name.word)
        switch (module, name) {
        case ("collections", "OrderedDict"): self = .orderedDictionary
        case ("torch._utils", "_rebuild_tensor_v2"): self = .rebuildTensor
        case ("torch._utils", "_rebuild_parameter"): self = .rebuildParameter
        case ("torch", _) where Self.storages[name] != nil: self = .storage(Self.storages[name] ?? .f32)
        default:
            throw .badFormat(
                "the pickle names \("\(module).\(name)".quoted), which is refused: only tensors and dictionaries are read. Save the state_dict alone"
            )
        }
    }
}
