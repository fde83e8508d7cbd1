#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Writes files so that a reader, or a crash, meets either the old content or the new one, whole.
public enum AtomicFile {
    /// Writes to a temporary file in the same folder, syncs it, renames it over `path` and syncs the folder. Blocks: not for the cooperative pool.
    ///
    /// - Throws: ``ModelFileError/system(path:operation:reason:)``; `path` is then as it was.
    public static func replace(_ path: String, with bytes: [UInt8]) throws(ModelFileError) {
        let temporary = "\(path).\(getpid()).\(UInt64.random(in: 0 ... .max)).tmp"
        do throws(ModelFileError) {
            try writeAndSync(bytes, to: temporary)
            guard rename(temporary, path) == 0 else { throw .lastSystemError(path, "rename to") }
        } catch {
            unlink(temporary)
            throw error
        }
        try syncDirectory(of: path)
    }

    private static func writeAndSync(_ bytes: [UInt8], to path: String) throws(ModelFileError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .lastSystemError(path, "create") }
        defer { close(descriptor) }
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress.map { $0 + written }, bytes.count - written) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .lastSystemError(path, "write") }
            written += count
        }
        guard fsync(descriptor) == 0 else { throw .lastSystemError(path, "sync") }
    }

    private static func syncDirectory(of path: String) throws(ModelFileError) {
        let end = path.utf8.lastIndex(of: UInt8(ascii: "/"))
        let directory = end.map { String(path[..<$0]) + "/" } ?? "."
        let descriptor = open(directory, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .lastSystemError(directory, "open") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .lastSystemError(directory, "sync") }
    }
}
