import ModelFiles

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The system calls that the registry is made of. All block.
enum FileSystem {
    /// The names in a directory, sorted.
    static func list(_ path: String) throws(ModelFileError) -> [String] {
        guard let directory = opendir(path) else { throw failure(path, "list") }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// When a file was last changed, in seconds since 1970.
    static func modificationTime(_ path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_mtim.tv_sec) : 0
    }

    /// A file's bytes.
    static func read(_ path: String) throws(ModelFileError) -> [UInt8] {
        let file = try MappedFile(path: path)
        return [UInt8](file.bytes)
    }

    /// Makes a file and locks it until its descriptor is closed.
    static func createLocked(_ path: String) throws(ModelFileError) -> Int32 {
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failure(path, "create") }
        _ = flock(descriptor, LOCK_EX | LOCK_NB)
        return descriptor
    }

    static func writeAndSync(_ bytes: [UInt8], to descriptor: Int32, path: String) throws(ModelFileError) {
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure(path, "write") }
            written += count
        }
        guard fsync(descriptor) == 0 else { throw failure(path, "sync") }
    }

    static func syncDirectory(_ path: String) throws(ModelFileError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        // A directory that was removed meanwhile has nothing to sync.
        if descriptor < 0, errno == ENOENT { return }
        guard descriptor >= 0 else { throw failure(path, "open") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure(path, "sync") }
    }

    /// The error that the last failed call left in `errno`.
    static func failure(_ path: String, _ operation: String) -> ModelFileError {
        .system(path: path, operation: operation, reason: String(cString: strerror(errno)))
    }
}
