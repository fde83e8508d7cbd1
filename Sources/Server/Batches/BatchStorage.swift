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
    /// The file whose lock, which many may have, tells the owner that others wait for their turn; nil where this process does not.
    private let turn = Mutex<FileDescriptor?>(nil)
    private let receptions = Mutex(0)
    /// How many batches there are, and those that have not ended; as the owner knows.
    private let known = Mutex((count: 0, unfinished: [String: Batch]()))

    /// Ended batches that are to be forgotten, the oldest last.
    private let forgettable = Mutex<[String]>([])
    /// How many are forgotten at once: more than one for each new one.
    private static let mostForgotten = 4

    /// When files were made that this process removed, by their ids.
    private let removed = Mutex<[String: Int]>([:])
    /// Of more removed files than these nothing is known.
    private static let mostRemoved = 10_000

    /// - Parameters:
    ///   - root: The folder.
    ///   - totalBytes: The most bytes of all files.
    ///   - logger: Told of what cannot be read.
    package init(root: String, totalBytes: Int, logger: Logger) {
        self.root = root
        files = FileFolder(root: root, logger: logger)
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

    /// Carries out what takes an upload in; its owner stays the owner meanwhile.
    ///
    /// - Throws: `APIError` where another process has the folder.
    func receiving<Value>(_ body: () async throws -> Value) async throws -> Value {
        receptions.withLock { $0 += 1 }
        defer { receptions.withLock { $0 -= 1 } }
        try checkOwner()
        return try await body()
    }

    /// Whether uploads are under way.
    var isReceiving: Bool {
        receptions.withLock { $0 > 0 }
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

    /// Reads what is stored beside whoever changes it: what is there when it is asked for, each file and batch as it was then.
    func glance<Value: Sendable>(_ body: @escaping @Sendable (BatchStorage) throws -> Value) async throws -> Value {
        try await OffPool.run { try body(self) }
    }

    /// The batches that have not ended, in no order; as the owner knows.
    var unfinished: [Batch] {
        known.withLock { Array($0.unfinished.values) }
    }

    /// When a file was made that was removed not long ago.
    func removedAt(_ id: String) -> Int? {
        removed.withLock { $0[id] }
    }

    /// Notes that a file was removed.
    func remember(removed file: StoredFile) {
        removed.withLock { removed in
            if removed.count >= Self.mostRemoved { removed.removeAll() }
            removed[file.id] = file.created
        }
    }

    /// Stores a batch, new or changed. For whoever changes what is stored.
    func store(_ batch: Batch) throws {
        let isNew = try !batches.exists(batch.id)
        do { try batches.store(batch) } catch {
            // It may be on the disk all the same: what is there counts.
            if !isNew, let stored = try? batches.batch(batch.id) { note(stored, isNew: false) }
            throw error
        }
        note(batch, isNew: isNew)
    }

    private func note(_ batch: Batch, isNew: Bool) {
        known.withLock { known in
            known.count += isNew ? 1 : 0
            known.unfinished[batch.id] = batch.status.isFinal ? nil : batch
        }
    }

    /// Forgets some of the oldest batches that have ended, where there are clearly more than are to be kept. Their files stay.
    ///
    /// They are looked for once for many, and then go a few at a time: whoever else reads or changes something waits meanwhile.
    func forget(beyond kept: Int) throws {
        let ended = known.withLock { $0.count - $0.unfinished.count }
        if forgettable.withLock(\.isEmpty) {
            guard ended > kept + kept / 10 else { return }
            let oldest = try batches.list().filter(\.status.isFinal).prefix(ended - kept).map(\.id)
            forgettable.withLock { $0 = oldest.reversed() }
        }
        for _ in 0..<Self.mostForgotten {
            guard let id = forgettable.withLock({ $0.popLast() }) else { return }
            defer { if (try? batches.exists(id)) == false { known.withLock { $0.count -= 1 } } }
            try batches.remove(id, by: files.incoming(id))
        }
    }

    /// Changes a batch, and returns what it became.
    func update(_ id: String, _ body: @escaping @Sendable (inout Batch) throws -> Void) async throws -> Batch {
        try await change { storage in
            guard var batch = try storage.batches.batch(id) else { throw Self.notFound(id) }
            let before = batch.document
            try body(&batch)
            if batch.document != before { try storage.store(batch) }
            return batch
        }
    }

    /// Stores a batch once more as it is, which only a disk that takes more allows.
    func storeAgain(_ id: String) async throws -> Batch {
        try await change { storage in
            guard let batch = try storage.batches.batch(id) else { throw Self.notFound(id) }
            try storage.store(batch)
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
            if try !DurableFiles.exists(storage.root) {
                // What is asked and answered is nobody else's on this machine.
                try DurableFiles.makeFolder(storage.root)
                chmod(storage.root, 0o700)
            }
            guard let lock = try storage.openLock("lock", LOCK_EX) else {
                // No more than a hint: where it cannot be given, the turn comes later.
                storage.turn.withLock { if $0 == nil { $0 = try? storage.openLock("turn", LOCK_SH) } }
                return nil
            }
            storage.turn.withLock { $0 = nil }
            try storage.batches.prepare()
            var bytes = try storage.files.prepare()
            let all = try storage.batches.list()
            let unfinished = all.filter { !$0.status.isFinal }
            storage.known.withLock { known in
                known = (all.count, Dictionary(unfinished.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first }))
            }
            for batch in unfinished {
                for kind in BatchResultKind.allCases {
                    bytes += try DurableFiles.size("\(storage.batches.results(kind, of: batch.id))/content") ?? 0
                }
            }
            storage.budget.begin(with: bytes)
            storage.lock.withLock { $0 = lock }
            return unfinished
        }
    }

    /// Tells the owner no more that this process waits for its turn.
    func stopWaiting() {
        turn.withLock { $0 = nil }
    }

    /// Whether another process waits to be the owner.
    var isAwaited: Bool {
        get async { (try? await read { try $0.openLock("turn", LOCK_EX) == nil }) ?? false }
    }

    /// A file of the folder with a lock; nil where others hinder it.
    private func openLock(_ name: String, _ kind: Int32) throws -> FileDescriptor? {
        let path = "\(root)/\(name)"
        let file = try FileDescriptor(path, flags: O_RDWR | O_CREAT, operation: "open")
        guard flock(file.number, kind | LOCK_NB) != 0 else { return file }
        guard errno == EWOULDBLOCK else { throw ModelFileError.lastSystemError(path, "lock") }
        return nil
    }

    /// Lets another process be the owner, once whatever is being changed is done.
    func release() async {
        _ = try? await read { storage in
            storage.stopWaiting()
            storage.lock.withLock { $0 = nil }
        }
    }
}
