import Control
import Dispatch
import Logging
import ModelFiles
import Synchronization

/// The durable store of value functions: versions by name, on disk and in memory.
///
/// A version is stored whole or not at all, whenever the process is killed; several processes may share the directory, and see each other's changes
/// within a second. Heads that come with the server are offered as well, read-only, where the registry has none of their name.
public final class ValueRegistry: Sendable {
    private struct State {
        /// Versions by name, the oldest first.
        var heads: [String: [RegisteredHead]] = [:]
        /// What was found on disk, the unusable among it.
        var entries: Set<RegistryDirectory.Entry> = []
        var timer: RegistryTimer?
    }

    private let directory: RegistryDirectory
    private let bundled: [String: RegisteredHead]
    private let keepVersions: Int
    private let logger: Logger
    private let state = Mutex(State())
    /// File operations, one after the other, away from the cooperative pool.
    private let queue = DispatchQueue(label: "rudder.registry", qos: .utility)

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
        self.keepVersions = max(keepVersions, 1)
        self.logger = logger
        bundled = bundledHeads.map { Self.readBundled($0, logger) } ?? [:]
        do {
            try self.directory.prepare()
            try refresh()
        } catch {
            throw .system(error)
        }
    }

    deinit {
        state.withLock { $0.timer }?.cancel()
    }

    // MARK: Reading

    /// The newest version of every head, by name.
    public func list() -> [HeadDescription] {
        let newest = state.withLock { $0.heads.compactMapValues { $0.last } }
        return bundled.merging(newest) { $1 }.values.map(\.description).sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
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
        state.withLock { $0.heads[name] } ?? bundled[name].map { [$0] } ?? []
    }

    /// A version's file, byte for byte; nil where there is none.
    ///
    /// - Throws: ``ValueRegistryError/system(_:)``
    public func file(_ reference: HeadReference) async throws -> [UInt8]? {
        guard let head = head(reference) else { return nil }
        return try await perform { () throws(ModelFileError) in try FileSystem.read(head.path) }
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
        return try await onQueue { [self] in
            try validate(try Self.parse(bytes))
            let isNew = state.withLock { $0.heads[name]?.isEmpty ?? true }
            do {
                let entry = try directory.store(bytes, name: name, sha256: try SHA256Digest.of(bytes).hex)
                try directory.prune(name, keep: keepVersions)
                try refresh()
                // Another process may have removed it again by now; what was stored is still what was asked for.
                let head = try all(name).first { $0.description.version == entry.version } ?? load(entry, bytes)
                return (head.description, isNew)
            } catch let error as ModelFileError {
                throw ValueRegistryError.system(error)
            }
        }
    }

    /// Removes every version of a name from the registry; a bundled head of that name is offered again.
    ///
    /// - Returns: whether there was one.
    /// - Throws: ``ValueRegistryError/system(_:)``
    public func remove(name: String) async throws -> Bool {
        guard HeadReference.isName(name) else { return false }
        return try await perform { [self] () throws(ModelFileError) in
            let isRemoved = try directory.remove(name)
            try refresh()
            return isRemoved
        }
    }

    private func perform<Value: Sendable>(_ body: @escaping @Sendable () throws(ModelFileError) -> Value) async throws -> Value {
        try await onQueue {
            do throws(ModelFileError) { return try body() } catch { throw ValueRegistryError.system(error) }
        }
    }

    private func onQueue<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result(catching: body)) }
        }
    }

    // MARK: Following the directory

    /// Begins to look for other processes' changes, twice a second.
    public func startWatching() {
        let timer = RegistryTimer(queue: queue, seconds: 0.5) { [weak self] in
            guard let self else { return }
            do { try refresh() } catch { logger.warning("the registry cannot be read: \(error)") }
        }
        let previous = state.withLock { state in
            defer { state.timer = timer }
            return state.timer
        }
        previous?.cancel()
    }

    /// Stops looking.
    public func stopWatching() {
        let timer = state.withLock { state in
            defer { state.timer = nil }
            return state.timer
        }
        timer?.cancel()
    }

    /// Makes memory follow the disk: loads what is new, drops what is gone.
    private func refresh() throws(ModelFileError) {
        let found = try directory.entries()
        let known = state.withLock { $0.entries }
        guard found != known else { return }
        var loaded: [RegisteredHead] = []
        for entry in found.subtracting(known).sorted(by: { $0.path < $1.path }) {
            do {
                loaded.append(try load(entry, FileSystem.read(entry.path)))
            } catch {
                guard FileSystem.modificationTime(entry.path) > 0 else { continue }
                let place = directory.setAside(entry)
                logger.warning(
                    "head \(entry.name)@\(entry.version) cannot be used and \(place.map { "was moved to \($0)" } ?? "could not be moved"): \(error)"
                )
            }
        }
        let gone = Set(known.subtracting(found).map(\.path))
        state.withLock { state in
            state.entries = found
            for (name, heads) in state.heads { state.heads[name] = heads.filter { !gone.contains($0.path) } }
            for head in loaded { state.heads[head.description.name, default: []].append(head) }
            for (name, heads) in state.heads {
                state.heads[name] = heads.isEmpty ? nil : heads.sorted { $0.description.version < $1.description.version }
            }
        }
    }

    private func load(_ entry: RegistryDirectory.Entry, _ bytes: [UInt8]) throws -> RegisteredHead {
        let digest = try SHA256Digest.of(bytes).hex
        guard digest == entry.sha256 else { throw ModelFileError.badFormat("its SHA-256 is \(digest), not that of its name") }
        let function = try Self.parse(bytes)
        let description = HeadDescription(
            function,
            name: entry.name,
            version: entry.version,
            sha256: digest,
            byteCount: bytes.count,
            createdAt: FileSystem.modificationTime(entry.path),
            isBundled: false
        )
        return RegisteredHead(description: description, valueFunction: function, path: entry.path)
    }

    private static func parse(_ bytes: [UInt8]) throws(ValueRegistryError) -> ValueFunction {
        do throws(ValueFunctionError) {
            let file: SafetensorsFile
            do { file = try SafetensorsFile(bytes: bytes) } catch { throw ValueFunctionError.file(error) }
            return try ValueFunction(file: file)
        } catch {
            throw .refused(error)
        }
    }

    private static func readBundled(_ folder: String, _ logger: Logger) -> [String: RegisteredHead] {
        var heads: [String: RegisteredHead] = [:]
        let suffix = ".safetensors"
        for file in (try? FileSystem.list(folder)) ?? [] where file.hasSuffix(suffix) {
            let (name, path) = (String(file.dropLast(suffix.count)), "\(folder)/\(file)")
            do {
                guard HeadReference.isName(name) else { throw ValueRegistryError.badName(name) }
                let bytes = try FileSystem.read(path)
                let function = try parse(bytes)
                let description = HeadDescription(
                    function,
                    name: name,
                    version: 1,
                    sha256: try SHA256Digest.of(bytes).hex,
                    byteCount: bytes.count,
                    createdAt: FileSystem.modificationTime(path),
                    isBundled: true
                )
                heads[name] = RegisteredHead(description: description, valueFunction: function, path: path)
            } catch {
                logger.warning("bundled head '\(path)' cannot be used: \(error)")
            }
        }
        return heads
    }
}
