/// What rearranging a model's weights for the processor took.
public struct WeightPacking: Sendable {
    /// The memory of the packed weights; the file's pages were given back as they were packed.
    public let byteCount: Int
    /// How long reading and packing all tensors took.
    public let duration: Duration
}
