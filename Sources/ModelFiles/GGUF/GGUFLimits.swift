/// What is read at most of a GGUF file's header. Real models are far below; a file beyond is a lie or a mistake, and its counts must not cost memory.
enum GGUFLimits {
    /// The whole header: all that comes before the tensors' data.
    static let headerBytes = 1 << 30
    /// Metadata keys.
    static let keys = 1 << 16
    /// Tensors.
    static let tensors = 1 << 20
    /// The elements of one array.
    static let arrayElements = 1 << 24
    /// How deep arrays may be nested.
    static let arrayDepth = 4
}
