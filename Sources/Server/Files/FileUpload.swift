import Inference
import ModelFiles

/// A file on its way in. Its pieces are written while they come, some at a time.
actor FileUpload {
    private let folder: String
    private let file: FileDescriptor
    private let budget: StorageBudget
    private let limit: Int
    private var waiting: [UInt8] = []
    /// How many bytes have come.
    private(set) var bytes = 0
    private var taken: Int

    /// So much is written at once.
    private static let pieceBytes = 256 << 10

    /// - Parameters:
    ///   - folder: The file's folder, which is made.
    ///   - limit: The most bytes.
    init(folder: String, budget: StorageBudget, limit: Int) async throws {
        self.folder = folder
        self.budget = budget
        self.limit = limit
        guard budget.take(StorageBudget.perFile) else { throw APIError.storageFull }
        taken = StorageBudget.perFile
        do {
            file = try await OffPool.run {
                try DurableFiles.makeFolder(folder)
                return try FileDescriptor(creating: "\(folder)/content")
            }
        } catch {
            budget.giveBack(StorageBudget.perFile)
            try? await OffPool.run { try DurableFiles.remove(folder) }
            throw error
        }
    }

    /// Takes a piece of the content.
    func append(_ piece: [UInt8]) async throws {
        guard bytes + piece.count <= limit else { throw APIError.fileTooLarge(limit: limit) }
        try take(piece.count)
        bytes += piece.count
        waiting += piece
        if waiting.count >= Self.pieceBytes { try await write() }
    }

    /// Waits until the disk has all of it.
    func finish() async throws {
        try await write()
        try await OffPool.run { [file] in try file.sync() }
    }

    /// Gives up what has come.
    func discard() async {
        budget.giveBack(taken)
        taken = 0
        try? await OffPool.run { [folder] in try DurableFiles.remove(folder) }
    }

    private func take(_ bytes: Int) throws(APIError) {
        guard budget.take(bytes) else { throw .storageFull }
        taken += bytes
    }

    private func write() async throws {
        let piece = waiting
        waiting = []
        guard !piece.isEmpty else { return }
        try await OffPool.run { [file] in try file.append(piece) }
    }
}
