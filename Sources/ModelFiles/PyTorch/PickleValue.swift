/// What a pickle of tensors and dictionaries is made of.
enum PickleValue {
    case none
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case string(String)
    /// A tuple or a list, and how deep others are nested within it.
    case sequence([PickleValue], depth: Int)
    case dictionary(PickleDictionary)
    /// One of the names that are understood.
    case global(PickleGlobal)
    /// A tensor's numbers: their type, and which of the archive's files has them.
    case storage(SafetensorsType, key: String)
    case tensor(PickleTensor)
}
