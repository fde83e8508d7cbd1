/// A tensor of a model file: what it is called, how it is stored, and where.
public struct TensorDescription: Sendable, Equatable {
    /// The tensor's name.
    public let name: String
    /// How its numbers are stored.
    public let type: TensorType
    /// Row-major, outermost dimension first: a weight of `out` rows and `in` columns is [out, in].
    public let shape: [Int]
    /// Where its bytes are in the file.
    public let bytes: Range<Int>
    /// Which of the model's files it is in, from 0.
    public let file: Int

    /// Describes a tensor.
    public init(name: String, type: TensorType, shape: [Int], bytes: Range<Int>, file: Int = 0) {
        self.name = name
        self.type = type
        self.shape = shape
        self.bytes = bytes
        self.file = file
    }
}
