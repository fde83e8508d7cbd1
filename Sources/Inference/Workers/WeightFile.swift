import ModelFiles

/// A file of weights, as long as anything reads from it.
struct WeightFile: Sendable {
    /// Nil once all of its weights were copied.
    weak let file: MappedFile?
}
