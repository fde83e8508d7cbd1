/// How files are stored and batches run; each is a key under `batches`.
package struct BatchSettings: Sendable, Equatable {
    /// The folder of files and batches.
    package var directory: String
    /// Size of an uploaded file, in bytes.
    package var fileBytes = 256 << 20
    /// Size of all files together, in bytes.
    package var totalBytes = 4 << 30
    /// Requests of one batch.
    package var lines = 50_000
    /// Batches that have not ended.
    package var unfinished = 1_000
    /// Batches that have ended and are still known.
    package var kept = 10_000
    /// Answers that are under way at once; nil: as many as the workers run.
    package var concurrency: Int?

    package init(directory: String = ".state/batches") {
        self.directory = directory
    }
}
