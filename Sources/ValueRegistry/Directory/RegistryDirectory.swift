import ModelFiles

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The registry's files. The directory is its own index, and any number of processes may use it at once:
///
///     heads/NAME/VERSION.claim                   made exclusively: whoever makes it owns the version
///     heads/NAME/VERSION-SHA256.safetensors      the file, renamed here when it is whole and synced
///     incoming/                                  files that are being written, each locked by its writer
///     quarantine/                                files whose content is not what their name says
///
/// Every method blocks.
struct RegistryDirectory: Sendable {
    /// One version's file.
    struct Entry: Hashable, Sendable {
        let name: String
        let version: Int
        let sha256: String
        let path: String
    }

    let root: String

    private var heads: String { "\(root)/heads" }
    private var incoming: String { "\(root)/incoming" }
    private var quarantine: String { "\(root)/quarantine" }

    /// Makes the directories that are missing, and removes what dead writers left.
    func prepare() throws(ModelFileError) {
        for path in [root, heads, incoming, quarantine] { try makeDirectory(path, withParents: path == root) }
        for file in try FileSystem.list(incoming) { removeIfAbandoned("\(incoming)/\(file)") }
    }

    // MARK: Reading

    /// Every version there is.
    func entries() throws(ModelFileError) -> Set<Entry> {
        var entries: Set<Entry> = []
        for name in try FileSystem.list(heads) where HeadReference.isName(name) {
            // A name that is removed meanwhile has no versions.
            for file in (try? FileSystem.list("\(heads)/\(name)")) ?? [] {
                if let entry = entry(name, file) { entries.insert(entry) }
            }
        }
        return entries
    }

    private func entry(_ name: String, _ file: String) -> Entry? {
        let suffix = ".safetensors"
        guard file.hasSuffix(suffix) else { return nil }
        let parts = file.dropLast(suffix.count).split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let version = Int(parts[0]), version > 0, "\(version)" == parts[0], parts[1].utf8.count == 64 else {
            return nil
        }
        return Entry(name: name, version: version, sha256: String(parts[1]), path: "\(heads)/\(name)/\(file)")
    }

    /// Moves a file that cannot be used out of the way.
    ///
    /// - Returns: where it is now; nil where it could not be moved.
    func setAside(_ entry: Entry) -> String? {
        let target = "\(quarantine)/\(entry.name)@\(entry.version)-\(UInt32.random(in: 0 ... .max)).safetensors"
        return rename(entry.path, target) == 0 ? target : nil
    }

    // MARK: Writing

    /// Stores a file as the next version of a name: claimed, written aside, synced, renamed, its directory synced.
    func store(_ bytes: [UInt8], name: String, sha256: String) throws(ModelFileError) -> Entry {
        let temporary = "\(incoming)/\(getpid())-\(UInt64.random(in: 0 ... .max))"
        let descriptor = try FileSystem.createLocked(temporary)
        defer {
            unlink(temporary)
            close(descriptor)
        }
        try FileSystem.writeAndSync(bytes, to: descriptor, path: temporary)
        let directory = "\(heads)/\(name)"
        // A name may be removed between two of these steps; then it is made anew.
        for _ in 0..<100 {
            try makeDirectory(directory, withParents: false)
            guard let version = try claim(in: directory) else { continue }
            let path = "\(directory)/\(version)-\(sha256).safetensors"
            if rename(temporary, path) == 0 {
                try FileSystem.syncDirectory(directory)
                try FileSystem.syncDirectory(heads)
                return Entry(name: name, version: version, sha256: sha256, path: path)
            }
            guard errno == ENOENT else { throw FileSystem.failure(path, "rename to") }
        }
        throw .system(path: directory, operation: "store a version in", reason: "it is removed again and again")
    }

    /// Claims the version after the highest; nil where the directory was removed.
    private func claim(in directory: String) throws(ModelFileError) -> Int? {
        while true {
            guard let files = try? FileSystem.list(directory) else { return nil }
            let highest = files.compactMap { Int($0.prefix { $0.isNumber }) }.max() ?? 0
            let (version, overflow) = highest.addingReportingOverflow(1)
            guard !overflow else { throw .system(path: directory, operation: "number a version in", reason: "the numbers are used up") }
            let path = "\(directory)/\(version).claim"
            let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
            if descriptor >= 0 {
                close(descriptor)
                return version
            }
            if errno == ENOENT { return nil }
            guard errno == EEXIST else { throw FileSystem.failure(path, "create") }
        }
    }

    /// Removes all but the newest versions of a name.
    func prune(_ name: String, keep: Int) throws(ModelFileError) {
        let versions = try entries().filter { $0.name == name }.sorted { $0.version > $1.version }
        for entry in versions.dropFirst(max(keep, 1)) { unlink(entry.path) }
        // The newest version's claim alone keeps the numbers from coming again.
        guard let newest = versions.first?.version else { return }
        for file in (try? FileSystem.list("\(heads)/\(name)")) ?? [] where file.hasSuffix(".claim") {
            if let version = Int(file.dropLast(6)), version < newest { unlink("\(heads)/\(name)/\(file)") }
        }
    }

    /// Removes all versions of a name, at once for every other process.
    ///
    /// - Returns: whether there was one.
    func remove(_ name: String) throws(ModelFileError) -> Bool {
        let directory = "\(heads)/\(name)"
        let target = "\(quarantine)/removed-\(name)-\(UInt64.random(in: 0 ... .max))"
        guard rename(directory, target) == 0 else {
            if errno == ENOENT { return false }
            throw FileSystem.failure(directory, "remove")
        }
        try FileSystem.syncDirectory(heads)
        let files = (try? FileSystem.list(target)) ?? []
        for file in files { unlink("\(target)/\(file)") }
        rmdir(target)
        return files.contains { entry(name, $0) != nil }
    }

    private func makeDirectory(_ path: String, withParents: Bool) throws(ModelFileError) {
        if withParents, let slash = path.dropFirst().lastIndex(of: "/") {
            let parent = String(path[..<slash])
            if !FileSystem.isDirectory(parent) { try makeDirectory(parent, withParents: true) }
        }
        guard mkdir(path, 0o755) != 0 else { return }
        guard errno == EEXIST, FileSystem.isDirectory(path) else { throw FileSystem.failure(path, "make the directory") }
    }

    /// A writer holds a lock on its file while it lives; without one the file is left over from a crash.
    private func removeIfAbandoned(_ path: String) {
        let descriptor = open(path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { unlink(path) }
    }
}
