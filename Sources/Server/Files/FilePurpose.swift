/// What a file is for.
package enum FilePurpose: String, Sendable, CaseIterable {
    /// The requests of a batch; what may be uploaded.
    case batch
    /// The answers of a batch.
    case batchOutput = "batch_output"
}
