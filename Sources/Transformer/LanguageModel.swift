import Compute
import ModelFiles

/// A pre-trained language model: its weights, read in place from the mapped file, and the architecture that uses them.
///
/// Immutable: any number of workers share one.
public final class LanguageModel: Sendable {
    /// The sizes and constants.
    public let configuration: ModelConfiguration
    let architecture: any Architecture

    /// The architectures that are built in, by their names in GGUF.
    public static let supportedArchitectures = ["llama"]

    /// Takes a model from an opened GGUF file.
    ///
    /// - Throws: ``ModelError``: what in the file is not as the architecture wants it.
    public init(gguf: GGUFFile) throws(ModelError) {
        let configuration = try ModelConfiguration(gguf: gguf)
        var loader = TensorLoader(file: gguf)
        switch configuration.architecture {
        case "llama": architecture = try Llama(configuration, &loader)
        default: throw .unsupportedArchitecture(configuration.architecture, supported: Self.supportedArchitectures)
        }
        try loader.finish(architecture: configuration.architecture)
        self.configuration = configuration
    }
}
