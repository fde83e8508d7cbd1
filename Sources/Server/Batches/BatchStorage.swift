import Dispatch
import Inference
import Logging
import ModelFiles
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The folder of files and batches. What is in it is on the disk and nowhere else, so that any process may read it; one, its owner, changes it.
///
/// Everything is read and changed on one thread of Dispatch's, one after the other.
package final class BatchStorage: Sendable {
    let files: FileFolder
    let batches: BatchFolder
    let budget: StorageBudget
    private let root: String
    private let queue = DispatchQueue(label: "rudder.batches")
    /// The file whose lock makes this process the owner; nil while another one is.
    private let lock = Mutex<FileDescriptor?>(nil)

    /// - Parameters:
    ///   - root: The folder.
    ///   - totalBytes: The most bytes of all files.
    ///   - logger: Told of what cannot be read.
    package init(root: String, totalBytes: Int, logger: Logger) {
        self.root = root
        files = FileFolder(root: root)
        batches = BatchFolder(root: root, logger: logger)
        budget = StorageBudget(limit: totalBytes)
    }

    /// Whether this process may change what is stored.
    var isOwner: Bool {
        lock.withLock { $0 != nil }
    }

    /// - Throws: `APIError` where another process has the folder.
    func checkOwner() throws(APIError) {
        guard isOwner else { throw .storageInUse }
    }

    /// Reads what is stored.
    func read<Value: Sendable>(_ body: @escaping @Sendable (BatchStorage) throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result { try body(self) }) }
        }
    }

    /// Changes what is stored, as its owner.
    func change<Value: Sendable>(_ body: @escaping @Sendable (BatchStorage) throws -> Value) async throws -> Value {
        try await read { storage in
            try storage.checkOwner()
            return try body(storage)
        }
    }

    /// Changes a batch, and returns what it became.
    func update(_ id: String, _ body: @escaping @Sendable (inout Batch) throws -> Void) async throws -> Batch {
        try await change { storage in
            guard var batch = try storage.batches.batch(id) else { throw Self.notFound(id) }
            let before = batch.document
            try body(&batch)
            if batch.document != before { try storage.batches.store(batch) }
            return batch
        }
    }

    static func notFound(_ id: String) -> APIError {
        .notFound("id", "There is no batch '\(id)'.", code: "batch_not_found")
    }

    // MARK: The owner

    /// Becomes the owner, where no other process is.
    ///
    /// - Returns: whether it did: what then is to be gone on with; nil where there is another owner.
    func acquire() async throws -> [Batch]? {
        try await read { storage in
            try DurableFiles.makeFolder(storage.root)
            guard let lock = try storage.openLock() else { return nil }
            try storage.batches.prepare()
            var bytes = try storage.files.prepare()
            let unfinished = try storage.batches.list().filter { !$0.status.isFinal }
            for batch in unfinished {
                for kind in BatchResultKind.allCases {
                    bytes += DurableFiles.size("\(storage.batches.results(kind, of: batch.id))/content") ?? 0
                }
            }
            storage.budget.begin(with: bytes)
            storage.lock.withLock { $0 = lock }
            return unfinished
        }
    }

    private func openLock() throws -> FileDescriptor? {
        let path = "\(root)/lock"
        let number = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard number >= 0 else { throw ModelFileError.lastSystemError(path, "open") }
        let file = FileDescriptor(number: number, path: path)
        guard flock(number, LOCK_EX | LOCK_NB) != 0 else { return file }
        guard errno == EWOULDBLOCK else { throw ModelFileError.lastSystemError(path, "lock") }
        return nil
    }

    /// Lets another process be the owner.
    func release() {
        lock.withLock { $0 = nil }
    }
}
