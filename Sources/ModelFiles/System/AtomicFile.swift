#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Writes files so that a reader, or a crash, meets either the old content or the new one, whole.
public enum AtomicFile {
    /// Writes to a temporary file in the same folder, syncs it, renames it over `path` and syncs the folder. Blocks: not for the cooperative pool.
    ///
    /// - Throws: ``ModelFileError/system(path:operation:reason:)`` or ``ModelFileError/missingFile(path:operation:)``. The content of `path`
    ///   is then as it was, unless syncing the folder was what failed: then it is new, but may be lost with the machine's power.
    public static func replace(_ path: String, with bytes: [UInt8]) throws(ModelFileError) {
        let temporary = "\(path).\(getpid()).\(UInt64.random(in: 0 ... .max)).tmp"
        let file: FileDescriptor
        do throws(ModelFileError) {
            file = try FileDescriptor(creating: temporary)
        } catch {
            throw error.naming(path, insteadOf: temporary)
        }
        do throws(ModelFileError) {
            try file.append(bytes)
            try file.sync()
            guard rename(temporary, path) == 0 else { throw .lastSystemError(path, "rename a file to") }
        } catch {
            unlink(temporary)
            throw error.naming(path, insteadOf: temporary)
        }
        let end = path.utf8.lastIndex(of: UInt8(ascii: "/"))
        try FileDescriptor(directory: end.map { String(path[...$0]) } ?? ".").sync()
    }
}
