/// What a pickle of tensors and dictionaries is made of.
enum PickleValue {
    case none
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case string(String)
    /// A tuple or a list.
    case sequence([PickleValue])
    case dictionary(PickleDictionary)
    /// One of the names that are understood.
    case global(PickleGlobal)
    /// A tensor's numbers: their type, and which of the archive's files has them.
    case storage(SafetensorsType, key: String)
    case tensor(PickleTensor)
}
