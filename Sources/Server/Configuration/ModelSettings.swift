import Compute

/// One model of the configuration.
package struct ModelSettings: Sendable, Equatable {
    /// The name requests use.
    package var id: String
    /// The GGUF file, or the Hugging Face folder.
    package var path: String
    /// Workers that share the weights.
    package var workers = 1
    /// Compute threads of the model; nil: its part of all.
    package var threads: Int?
    /// Longest sequence in tokens; nil: what the model was trained for.
    package var context: Int?
    /// Memory for keys and values of each worker, in bytes; nil: chosen by the engine.
    package var keyValueBytes: Int?
    /// Whether quantized weights are rearranged for the processor when they are loaded.
    package var packedWeights = true
    /// What floating-point weights become when they are loaded; nil: they stay as they are.
    package var quantization: WeightQuantization?

    package init(id: String, path: String) {
        self.id = id
        self.path = path
    }
}
