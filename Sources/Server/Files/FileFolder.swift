import Logging
import ModelFiles

/// The stored files: `files/ID/content` and `files/ID/file.json`. A file appears and goes as a whole, by its folder's renaming; until then, and from
/// then on, it is in `incoming`. Every method blocks.
struct FileFolder: Sendable {
    private let files: String
    private let incoming: String
    private let logger: Logger

    init(root: String, logger: Logger) {
        self.logger = logger
        files = "\(root)/files"
        incoming = "\(root)/incoming"
    }

    /// Makes the folders that are missing, and removes what a process that is no more left half done. For the folder's owner.
    ///
    /// - Returns: how many bytes are stored.
    func prepare() throws -> Int {
        try DurableFiles.makeFolder(files)
        try DurableFiles.makeFolder(incoming)
        for name in try DurableFiles.names(in: incoming) { try DurableFiles.remove("\(incoming)/\(name)") }
        return try list().reduce(0) { $0 + $1.bytes + StorageBudget.perFile }
    }

    /// All files, the oldest first. What cannot be read is left out, and told of.
    ///
    /// - Throws: `ModelFileError` where none can be read at the moment: a list that lacks what is there would be taken for the whole.
    func list() throws -> [StoredFile] {
        guard try DurableFiles.exists(files) else { return [] }
        let documents = ListedDocuments(kind: "file", logger: logger)
        return try DurableFiles.names(in: files).compactMap { try documents.read($0, by: file) }.sorted {
            ($0.created, $0.id) < ($1.created, $1.id)
        }
    }

    /// A file; nil where there is none of that id.
    func file(_ id: String) throws -> StoredFile? {
        guard StorageID.isPlausible(id), let bytes = try DurableFiles.read("\(files)/\(id)/file.json") else { return nil }
        guard let file = StoredFile(try JSONParser.parse(bytes)) else {
            throw ModelFileError.badFormat("\(files)/\(id)/file.json does not describe a file")
        }
        return file
    }

    /// Where a file's content is, for an id that there is.
    func content(_ id: String) -> String {
        "\(files)/\(id)/content"
    }

    /// The folder of a file on its way in.
    func incoming(_ id: String) -> String {
        "\(incoming)/\(id)"
    }

    /// Stores a folder that holds a synced `content` as a file. Where that was done already, nothing is.
    func publish(_ folder: String, as file: StoredFile) throws {
        let target = "\(files)/\(file.id)"
        guard try !DurableFiles.exists(target) else { return }
        try DurableFiles.replace("\(folder)/file.json", with: file.document)
        try DurableFiles.move(folder, to: target)
    }

    /// Removes a file.
    func remove(_ id: String) throws {
        let aside = "\(incoming)/\(StorageID.new("removed-"))"
        try DurableFiles.move("\(files)/\(id)", to: aside)
        try DurableFiles.remove(aside)
    }
}
