/// A kind of transformer: how a ``Decoder`` is put together of a file's tensors.
protocol Architecture: Sendable {
    /// Takes the weights.
    static func decoder(_ configuration: ModelConfiguration, _ loader: inout TensorLoader) throws(ModelError) -> Decoder
}
