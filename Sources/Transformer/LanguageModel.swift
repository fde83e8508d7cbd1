import Compute
import ModelFiles

/// A pre-trained language model: its weights, packed for the processor or read in place from the mapped file, and the architecture that uses them.
///
/// Immutable: any number of workers share one.
public final class LanguageModel: Sendable {
    /// The sizes and constants.
    public let configuration: ModelConfiguration
    /// What packing the weights took; nil where they are read from the file as it is.
    public let packing: WeightPacking?
    let decoder: Decoder

    /// The architectures that are built in, by their names in GGUF.
    public static let supportedArchitectures = ArchitectureTable.all.map(\.name)

    /// Takes a model from opened files.
    ///
    /// - Parameters:
    ///   - source: the files.
    ///   - context: the longest sequence that will run; nil for what the model was trained for. Some models turn positions otherwise where it is long.
    ///   - packsWeights: whether quantized matrices are rearranged for the processor, in memory of the process's own. Off, they are read from the
    ///     file, which processes then share, and products take longer; the results are the same.
    ///   - quantization: what floating-point matrices become; nil where they stay as they are, and are read from the file.
    /// - Throws: ``ModelError``: what in the files is not as the architecture wants it.
    public init(
        source: any ModelSource,
        context: Int? = nil,
        packsWeights: Bool = true,
        quantization: WeightQuantization? = nil
    ) throws(ModelError) {
        let (store, start) = (PanelStore(), ContinuousClock.now)
        do throws(ModelError) {
            let configuration = try ModelConfiguration(source: source, context: context)
            var loader = TensorLoader(source: source, store: store, packsWeights: packsWeights, quantization: quantization)
            decoder = try ArchitectureTable.type(configuration.architecture).decoder(configuration, &loader)
            try loader.finish(architecture: configuration.architecture)
            self.configuration = configuration
        } catch {
            throw error.named(by: source)
        }
        let isRearranged = packsWeights || quantization != nil
        packing = isRearranged ? WeightPacking(byteCount: store.byteCount, duration: ContinuousClock.now - start) : nil
    }
}
