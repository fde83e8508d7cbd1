/// A model and the workers that shall run it.
public struct ModelSpecification: Sendable {
    /// The model.
    public var model: LoadedModel
    /// How many workers share its weights, 1 or more.
    public var workers: Int
    /// How many threads compute for the model, divided among its workers; nil for an even part of the pool's.
    public var threads: Int?
    /// The memory of each worker's KV cache in bytes; at least one whole context is kept. Nil for 512 MiB.
    public var keyValueBytes: Int?

    /// Describes a model and its workers.
    public init(model: LoadedModel, workers: Int = 1, threads: Int? = nil, keyValueBytes: Int? = nil) {
        self.model = model
        self.workers = workers
        self.threads = threads
        self.keyValueBytes = keyValueBytes
    }
}
