import Foundation
import Logging
import ModelFiles

/// The stored batches: `batches/ID/batch.json`, and while it runs its results, each in a folder that becomes a file's. Every method blocks.
struct BatchFolder: Sendable {
    private let batches: String
    private let logger: Logger

    init(root: String, logger: Logger) {
        batches = "\(root)/batches"
        self.logger = logger
    }

    /// Makes the folder where it is missing, and removes what a killed process left of batches that it was about to store. For the folder's owner.
    func prepare() throws {
        try DurableFiles.makeFolder(batches)
        for id in try DurableFiles.names(in: batches) where StorageID.isPlausible(id) {
            if try DurableFiles.isFolder("\(batches)/\(id)"), try !exists(id) { try DurableFiles.remove("\(batches)/\(id)") }
        }
    }

    /// All batches, the oldest first. What cannot be read is left out, and told of.
    ///
    /// - Throws: `ModelFileError` where none can be read at the moment: a list that lacks what is there would be taken for the whole.
    func list() throws -> [Batch] {
        try ids().compactMap { try listed($0) }.sorted { ($0.created, $0.id) < ($1.created, $1.id) }
    }

    /// The ids of what are batches by their names, the oldest first.
    func ids() throws -> [String] {
        guard try DurableFiles.exists(batches) else { return [] }
        return try DurableFiles.names(in: batches).filter(StorageID.isPlausible).sorted()
    }

    /// The batch of an id of ``ids()``; nil where there is none any more. What cannot be read is left out, and told of.
    ///
    /// - Throws: `ModelFileError` where none can be read at the moment: a list that lacks what is there would be taken for the whole.
    func listed(_ id: String) throws -> Batch? {
        try ListedDocuments(kind: "batch", logger: logger).read(id, by: batch)
    }

    /// A batch; nil where there is none of that id.
    func batch(_ id: String) throws -> Batch? {
        guard StorageID.isPlausible(id), let bytes = try DurableFiles.read("\(batches)/\(id)/batch.json") else { return nil }
        guard let batch = Batch(try JSONParser.parse(bytes)) else {
            throw ModelFileError.badFormat("\(batches)/\(id)/batch.json does not describe a batch")
        }
        return batch
    }

    /// Whether there is a batch of that id.
    func exists(_ id: String) throws -> Bool {
        try StorageID.isPlausible(id) && DurableFiles.exists("\(batches)/\(id)/batch.json")
    }

    /// Removes a batch by way of a folder that is emptied at the next start.
    func remove(_ id: String, by aside: String) throws {
        try DurableFiles.move("\(batches)/\(id)", to: aside)
        try DurableFiles.remove(aside)
    }

    /// Stores a batch, new or changed.
    func store(_ batch: Batch) throws {
        let folder = "\(batches)/\(batch.id)"
        let isNew = try !exists(batch.id)
        do {
            if isNew { try DurableFiles.makeFolder(folder) }
            try DurableFiles.replace("\(folder)/batch.json", with: batch.document)
        } catch {
            // Whoever is told that it was not stored makes another.
            if isNew { try? DurableFiles.remove(folder) }
            throw error
        }
    }

    /// The folder of results of a kind, while the batch runs.
    func results(_ kind: BatchResultKind, of id: String) -> String {
        "\(batches)/\(id)/\(kind.rawValue)"
    }
}
