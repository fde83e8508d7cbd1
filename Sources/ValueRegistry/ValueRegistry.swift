import Control
import Dispatch
import Foundation
import Logging
import ModelFiles
import Synchronization

/// The durable store of value functions: versions by name, on disk and in memory.
///
/// A version is stored whole or not at all, whenever the process is killed; several processes may share the directory, and see each other's changes
/// within a second. Heads that come with the server are offered as well, read-only, where the registry has none of their name.
public final class ValueRegistry: Sendable {
    private let directory: RegistryDirectory
    private let contents: RegistryContents
    private let bundled: [String: RegisteredHead]
    private let keepVersions: Int
    private let logger: Logger
    private let timer = Mutex<RegistryTimer?>(nil)
    /// Why the last look at the directory failed; nil where it went well.
    private let failure = Mutex<ModelFileError?>(nil)
    private let counts = Mutex(RegistryStatistics())
    // The disk is waited for here, away from the cooperative pool. What is slow for one is not for the others.
    private let changes = DispatchQueue(label: "rudder.registry.changes", qos: .utility)
    private let following = DispatchQueue(label: "rudder.registry.following", qos: .utility)
    private let downloads = DispatchQueue(label: "rudder.registry.downloads", qos: .utility)

    /// Opens a registry; blocks while every file's checksum is verified. A file that is not what its name says is set aside with a warning.
    ///
    /// - Parameters:
    ///   - directory: where it is; made if missing.
    ///   - bundledHeads: a folder of `NAME.safetensors` files to offer as well; nil for none. A missing folder has none.
    ///   - keepVersions: how many versions of a name are kept, 1 or more.
    ///   - logger: told of files that cannot be used.
    /// - Throws: ``ValueRegistryError/system(_:)`` where the directory cannot be used.
    public init(directory: String, bundledHeads: String?, keepVersions: Int, logger: Logger) throws(ValueRegistryError) {
        self.directory = RegistryDirectory(root: directory)
        contents = RegistryContents(of: self.directory, logger: logger)
        self.keepVersions = max(keepVersions, 1)
        self.logger = logger
        bundled = bundledHeads.map { BundledHeads.read($0, logger) } ?? [:]
        do {
            try self.directory.prepare()
            try contents.refresh()
        } catch {
            throw .system(error)
        }
    }

    deinit {
        timer.withLock { $0?.cancel() }
    }

    // MARK: Reading

    /// The newest version of every head, by name.
    public func list() -> [HeadDescription] {
        bundled.merging(contents.newest()) { $1 }.values.map(\.description)
            .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    /// Every version of a head, the oldest first; empty where there is none.
    public func versions(of name: String) -> [HeadDescription] {
        all(name).map(\.description)
    }

    /// A head; nil where there is none of that name or version.
    public func head(_ reference: HeadReference) -> RegisteredHead? {
        let versions = all(reference.name)
        guard let version = reference.version else { return versions.last }
        return versions.first { $0.description.version == version }
    }

    private func all(_ name: String) -> [RegisteredHead] {
        contents.versions(of: name) ?? bundled[name].map { [$0] } ?? []
    }

    /// What this process has changed since it opened the registry.
    public var statistics: RegistryStatistics {
        counts.withLock { $0 }
    }

    /// A version's file, byte for byte; nil where there is none.
    ///
    /// - Throws: ``ValueRegistryError/system(_:)``, or ``ValueRegistryError/damaged(_:)`` where the file is not what was stored any more.
    public func file(_ reference: HeadReference) async throws -> [UInt8]? {
        guard let head = head(reference) else { return nil }
        return try await perform(on: downloads) { () throws(ValueRegistryError) in
            do throws(ModelFileError) {
                // Another process may have removed it a moment ago.
                guard let (bytes, _) = try RegistryDirectory.read(head.path) else { return nil }
                if try SHA256Digest.of(bytes).hex == head.description.sha256 { return bytes }
            } catch {
                throw .system(error)
            }
            throw .damaged(HeadReference(name: head.description.name, version: head.description.version))
        }
    }

    // MARK: Changing

    /// Stores a file as a name's next version. It is checked whole before anything changes.
    ///
    /// - Parameters:
    ///   - name: the head's.
    ///   - bytes: a safetensors file.
    ///   - validate: a further check of the value function; what it throws is passed on.
    /// - Returns: the new version, and whether the name is new to the registry.
    /// - Throws: ``ValueRegistryError``, or what `validate` throws.
    public func put(
        name: String,
        bytes: [UInt8],
        validate: @escaping @Sendable (ValueFunction) throws -> Void
    ) async throws -> (description: HeadDescription, isNew: Bool) {
        guard HeadReference.isName(name) else { throw ValueRegistryError.badName(name) }
        let stored = try await perform(on: changes) { [self] in
            let valueFunction = try ValueFunction(upload: bytes)
            try validate(valueFunction)
            let (entry, isFirst) = try store(bytes, name)
            counts.withLock { $0.uploads += 1 }
            let now = Int(Date().timeIntervalSince1970)
            return (entry, isFirst, RegisteredHead(valueFunction, entry: entry, byteCount: bytes.count, createdAt: now))
        }
        await follow()
        // Another process may have removed it again by now; what was stored is still what was asked for.
        let (entry, isFirst, head) = stored
        let served = contents.versions(of: name)?.first { $0.path == entry.path }
        return ((served ?? head).description, isFirst)
    }

    private func store(_ bytes: [UInt8], _ name: String) throws(ValueRegistryError) -> (entry: RegistryEntry, isFirst: Bool) {
        let stored: (entry: RegistryEntry, isFirst: Bool)
        do throws(ModelFileError) {
            stored = try directory.store(bytes, name: name, sha256: try SHA256Digest.of(bytes).hex)
        } catch {
            throw .system(error)
        }
        // What is stored is stored, whatever becomes of the old versions.
        do throws(ModelFileError) {
            try directory.prune(name, keep: keepVersions)
        } catch {
            if case .missingFile = error { return stored }
            logger.warning("old versions of head \(name) cannot be removed: \(error)")
        }
        return stored
    }

    /// Removes every version of a name from the registry; a bundled head of that name is offered again.
    ///
    /// - Returns: whether there was one.
    /// - Throws: ``ValueRegistryError/system(_:)``
    public func remove(name: String) async throws -> Bool {
        guard HeadReference.isName(name) else { return false }
        let isRemoved = try await perform(on: changes) { [self] () throws(ValueRegistryError) in
            do throws(ModelFileError) { return try directory.remove(name) } catch { throw .system(error) }
        }
        if isRemoved { counts.withLock { $0.removals += 1 } }
        await follow()
        return isRemoved
    }

    private func perform<Value: Sendable>(on queue: DispatchQueue, _ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result(catching: body)) }
        }
    }

    // MARK: Following the directory

    /// Begins to look for other processes' changes, four times a second.
    public func startWatching() {
        let next = RegistryTimer(queue: following, seconds: 0.25) { [weak self] in self?.refresh() }
        timer.withLock { timer in
            timer?.cancel()
            timer = next
        }
    }

    /// Stops looking.
    public func stopWatching() {
        timer.withLock { timer in
            timer?.cancel()
            timer = nil
        }
    }

    /// Makes memory follow the disk now.
    private func follow() async {
        await withCheckedContinuation { continuation in
            following.async { [self] in
                refresh()
                continuation.resume()
            }
        }
    }

    private func refresh() {
        do throws(ModelFileError) {
            try contents.refresh()
            failure.withLock { $0 = nil }
        } catch {
            // Said once, not four times a second.
            let isNew = failure.withLock { failure in
                defer { failure = error }
                return failure != error
            }
            if isNew { logger.warning("the registry cannot be read; what was loaded is served on: \(error)") }
        }
    }
}
