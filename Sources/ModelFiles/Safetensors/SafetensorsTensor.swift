/// A tensor of a safetensors file: what it is called, how it is stored, and where.
public struct SafetensorsTensor: Sendable, Equatable {
    /// The tensor's name.
    public let name: String
    /// The type of its elements.
    public let type: SafetensorsType
    /// Row-major, outermost dimension first.
    public let shape: [Int]
    /// Where its bytes are in the file.
    public let bytes: Range<Int>
}
