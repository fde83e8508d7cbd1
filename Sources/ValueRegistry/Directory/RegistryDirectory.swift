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
///     quarantine/                                files whose content is not what their name says, and names on their way out
///
/// A name is removed by moving its folder away. Whoever stores a version meanwhile does so through the folder he opened: his version goes with
/// the others, or the folder is gone and he begins again in a new one. Every method blocks.
struct RegistryDirectory: Sendable {
    /// The largest file that is read.
    static let maximumFileSize = 1 << 30
    /// How far below the newest version claims are kept, for writers who listed the directory a while ago.
    private static let lingeringClaims = 32

    let root: String

    /// Where the heads are.
    var heads: String { "\(root)/heads" }
    private var incoming: String { "\(root)/incoming" }
    private var quarantine: String { "\(root)/quarantine" }

    private func folder(_ name: String) -> String { "\(heads)/\(name)" }

    /// Makes the directories that are missing, and removes what dead writers and removers left.
    func prepare() throws(ModelFileError) {
        try makeRoot(root)
        var isNew = false
        for path in [heads, incoming, quarantine] where try DirectoryHandle.make(path) { isNew = true }
        if isNew { try DirectoryHandle(root).sync() }
        for file in try DirectoryHandle(incoming).names() { IncomingFile.removeIfAbandoned("\(incoming)/\(file)") }
        for file in try DirectoryHandle(quarantine).names() where file.hasPrefix(Self.removedPrefix) {
            try? clear("\(quarantine)/\(file)")
        }
    }

    private func makeRoot(_ path: String) throws(ModelFileError) {
        do throws(ModelFileError) {
            guard try DirectoryHandle.make(path) else { return }
        } catch {
            guard case .missingFile = error, let slash = path.utf8.dropFirst().lastIndex(of: UInt8(ascii: "/")) else { throw error }
            try makeRoot(String(path[..<slash]))
            try DirectoryHandle.make(path)
        }
        try DirectoryHandle("\(path)/..").sync()
    }

    // MARK: Files

    /// A file's bytes and when it was stored, in seconds since 1970; nil where it is gone.
    static func read(_ path: String) throws(ModelFileError) -> (bytes: [UInt8], time: Int)? {
        let file: FileDescriptor
        do throws(ModelFileError) { file = try FileDescriptor(forReading: path) } catch {
            if case .missingFile = error { return nil }
            throw error
        }
        let status = try file.status()
        guard status.st_size <= maximumFileSize else {
            throw .tooLarge(what: "the size of \(path.quoted)", value: UInt64(status.st_size), limit: UInt64(maximumFileSize))
        }
        // Read, not mapped: a file that is cut short meanwhile is then damaged, not fatal.
        var failure: ModelFileError?
        let bytes = [UInt8](unsafeUninitializedCapacity: Int(status.st_size)) { buffer, count in
            do throws(ModelFileError) {
                while count < buffer.count {
                    let piece = try file.readNext(
                        into: UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[count...])
                    )
                    if piece == 0 { break }
                    count += piece
                }
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return (bytes, FileTime(modificationOf: status).seconds)
    }

    /// Moves a file that is damaged out of the way.
    ///
    /// - Returns: where it is now.
    func setAside(_ entry: RegistryEntry) throws(ModelFileError) -> String {
        try DirectoryHandle.make(quarantine)
        let target = "\(quarantine)/\(entry.name)@\(entry.version)-\(UInt32.random(in: 0 ... .max)).safetensors"
        guard rename(entry.path, target) == 0 else { throw .lastSystemError(entry.path, "move away") }
        return target
    }

    // MARK: Storing

    /// Stores a file as the next version of a name: written aside, synced, the version claimed, renamed, its directory synced.
    ///
    /// - Returns: the version, and whether the name had no other.
    func store(_ bytes: [UInt8], name: String, sha256: String) throws(ModelFileError) -> (entry: RegistryEntry, isFirst: Bool) {
        let file = try IncomingFile(in: incoming)
        try file.write(bytes)
        for _ in 0..<100 {
            do throws(ModelFileError) {
                return try store(file.path, name: name, sha256: sha256)
            } catch {
                // The name was removed between two steps: it is made anew.
                guard case .missingFile = error, file.isInPlace else { throw error }
            }
        }
        throw .system(path: folder(name), operation: "store a version in", reason: "it is removed again and again")
    }

    private func store(_ file: String, name: String, sha256: String) throws(ModelFileError) -> (entry: RegistryEntry, isFirst: Bool) {
        try DirectoryHandle.make(folder(name))
        let directory = try DirectoryHandle(folder(name))
        let (version, isFirst) = try claim(in: directory, name)
        let fileName = RegistryEntry.fileName(version: version, sha256: sha256)
        try directory.take(file, as: fileName)
        do throws(ModelFileError) {
            try directory.sync()
            try DirectoryHandle(heads).sync()
        } catch {
            // What may be lost is not stored.
            try? directory.remove(fileName)
            throw error
        }
        guard let entry = RegistryEntry(root: heads, name: name, file: fileName) else {
            throw .badFormat("\(fileName.quoted) is not the name of a version")
        }
        return (entry, isFirst)
    }

    /// Claims the version after the highest.
    private func claim(in directory: DirectoryHandle, _ name: String) throws(ModelFileError) -> (version: Int, isFirst: Bool) {
        while true {
            let files = try directory.names()
            let stored = versions(among: files, name)
            let highest = (stored + files.compactMap(RegistryEntry.claimedVersion)).max() ?? 0
            let (version, overflow) = highest.addingReportingOverflow(1)
            guard !overflow else { throw .system(path: folder(name), operation: "number a version in", reason: "the numbers are used up") }
            guard try directory.createEmpty(RegistryEntry.claimName(version: version)) else { continue }
            // Since the listing others may have stored this version and so many newer ones that its claim was removed: then it is not free.
            let newest = try versions(among: directory.names(), name).max() ?? 0
            if version >= newest - Self.lingeringClaims { return (version, stored.isEmpty) }
        }
    }

    private func versions(among files: [String], _ name: String) -> [Int] {
        files.compactMap { RegistryEntry(root: heads, name: name, file: $0)?.version }
    }

    /// Removes all but the newest versions of a name.
    func prune(_ name: String, keep: Int) throws(ModelFileError) {
        let directory = try DirectoryHandle(folder(name))
        let files = try directory.names()
        let entries = files.compactMap { RegistryEntry(root: heads, name: name, file: $0) }.sorted { $0.version > $1.version }
        for entry in entries.dropFirst(max(keep, 1)) {
            try directory.remove(RegistryEntry.fileName(version: entry.version, sha256: entry.sha256))
        }
        // The newest version alone keeps the numbers from coming again.
        guard let newest = entries.first?.version else { return }
        for file in files {
            if let version = RegistryEntry.claimedVersion(file), version < newest - Self.lingeringClaims { try directory.remove(file) }
        }
    }

    // MARK: Removing

    private static let removedPrefix = "removed-"

    /// Removes all versions of a name, at once for every other process.
    ///
    /// - Returns: whether there was one.
    func remove(_ name: String) throws(ModelFileError) -> Bool {
        let target = "\(quarantine)/\(Self.removedPrefix)\(name)-\(UInt64.random(in: 0 ... .max))"
        do throws(ModelFileError) {
            // All that it takes is taken before: what fails for want of a descriptor has changed nothing.
            let (directory, above) = (try DirectoryHandle(folder(name)), try DirectoryHandle(heads))
            try DirectoryHandle.make(quarantine)
            let hadVersions = try hasVersions(directory, name)
            guard rename(folder(name), target) == 0 else { throw .lastSystemError(folder(name), "remove") }
            // A writer may have added one between the two steps.
            let isRemoved = hadVersions || (try? hasVersions(directory, name)) ?? false
            try above.sync()
            try? clear(target)
            return isRemoved
        } catch {
            // There is no such name, or another call removed it first.
            if case .missingFile = error { return false }
            throw error
        }
    }

    private func hasVersions(_ directory: DirectoryHandle, _ name: String) throws(ModelFileError) -> Bool {
        try !versions(among: directory.names(), name).isEmpty
    }

    /// Removes a folder with the files in it.
    private func clear(_ path: String) throws(ModelFileError) {
        // A late writer may add a file between the two steps.
        for _ in 0..<100 {
            let directory = try DirectoryHandle(path)
            for file in try directory.names() { try directory.remove(file) }
            if rmdir(path) == 0 || errno != ENOTEMPTY { return }
        }
    }
}
