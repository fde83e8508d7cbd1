import Control
import Logging
import ModelFiles
import Synchronization

/// The registry's heads in memory, and how they follow the directory.
final class RegistryContents: Sendable {
    /// How the directory was followed so far.
    private struct Following {
        var index: DirectoryIndex
        /// Versions that need no further look: they are loaded, or cannot be used.
        var settled: Set<RegistryEntry> = []
        /// Versions that could not be read, and are tried again later.
        var postponed: Set<RegistryEntry> = []
        var retry = ContinuousClock.now
    }

    private enum Outcome {
        case loaded(RegisteredHead)
        case unusable
        case unreadable
        case gone
    }

    private let directory: RegistryDirectory
    private let logger: Logger
    /// Held while the directory is read: one look at a time.
    private let following: Mutex<Following>
    /// Versions by name, the oldest first.
    private let heads = Mutex<[String: [RegisteredHead]]>([:])

    init(of directory: RegistryDirectory, logger: Logger) {
        self.directory = directory
        self.logger = logger
        following = Mutex(Following(index: DirectoryIndex(root: directory.heads)))
    }

    /// Every version of a name, the oldest first; nil where there is none.
    func versions(of name: String) -> [RegisteredHead]? {
        heads.withLock { $0[name] }
    }

    /// The newest version of every name.
    func newest() -> [String: RegisteredHead] {
        heads.withLock { $0.compactMapValues(\.last) }
    }

    /// Loads what is new on disk, and drops what is gone. Blocks. Where the directory cannot be read, memory stays as it was.
    func refresh() throws(ModelFileError) {
        try following.withLock { following throws(ModelFileError) in
            let isRetry = !following.postponed.isEmpty && following.retry <= .now
            guard try following.index.update() || isRetry else { return }
            let found = following.index.entries
            var loaded: [RegisteredHead] = []
            following.settled.formIntersection(found)
            let waiting = isRetry ? [] : following.postponed
            let hadNone = following.postponed.isEmpty
            for entry in found.subtracting(following.settled).subtracting(waiting).sorted(by: { $0.path < $1.path }) {
                switch load(entry, isRetry: following.postponed.remove(entry) != nil) {
                case .loaded(let head):
                    loaded.append(head)
                    following.settled.insert(entry)
                case .unusable: following.settled.insert(entry)
                case .unreadable: following.postponed.insert(entry)
                case .gone: break
                }
            }
            following.postponed.formIntersection(found)
            if isRetry || hadNone { following.retry = .now + .seconds(5) }
            publish(loaded, keeping: Set(found.map(\.path)))
        }
    }

    private func publish(_ loaded: [RegisteredHead], keeping paths: Set<String>) {
        heads.withLock { heads in
            for head in loaded { heads[head.description.name, default: []].append(head) }
            heads = heads.compactMapValues { versions in
                let kept = versions.filter { paths.contains($0.path) }
                return kept.isEmpty ? nil : kept.sorted { $0.description.version < $1.description.version }
            }
        }
    }

    private func load(_ entry: RegistryEntry, isRetry: Bool) -> Outcome {
        let (bytes, time, digest): ([UInt8], Int, String)
        do throws(ModelFileError) {
            guard let file = try RegistryDirectory.read(entry.path) else { return .gone }
            (bytes, time, digest) = (file.bytes, file.time, try SHA256Digest.of(file.bytes).hex)
        } catch {
            // The disk or the system, not the file, may be at fault.
            if !isRetry { logger.warning("head \(entry.name)@\(entry.version) cannot be read now and is tried again: \(error)") }
            return .unreadable
        }
        guard digest == entry.sha256 else {
            setAside(entry, "its SHA-256 is \(digest), not the one it was stored with")
            return .unusable
        }
        do throws(ValueRegistryError) {
            return .loaded(RegisteredHead(try ValueFunction(upload: bytes), entry: entry, byteCount: bytes.count, createdAt: time))
        } catch {
            // The file is whole: another release may have stored it, and may still serve it.
            logger.warning("head \(entry.name)@\(entry.version) is not served, for it is not understood; it stays where it is: \(error)")
            return .unusable
        }
    }

    private func setAside(_ entry: RegistryEntry, _ reason: String) {
        do throws(ModelFileError) {
            let place = try directory.setAside(entry)
            logger.warning("head \(entry.name)@\(entry.version) is damaged and was moved to \(place.quoted): \(reason)")
        } catch {
            // Another process may have moved it first.
            logger.warning("head \(entry.name)@\(entry.version) is damaged and is not served: \(reason) (\(error))")
        }
    }
}
